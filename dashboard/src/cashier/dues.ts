import type { PhaseItem, Phases, QueueItem, QueueUpdated, VisitStatus } from "@contracts";

import type { Payment } from "./queries";

/** A payment, and where its patient is today; without `place` the visit is another day's. */
export interface Due {
  payment: Payment;
  name: string;
  phone: string;
  ticket: number | undefined;
  place: VisitStatus | undefined;
}

/** Who is about to leave comes first. */
const ORDER: readonly (VisitStatus | undefined)[] = ["completed", "in_progress", "called", "waiting", "scheduled", undefined];

/** Where everybody is whom the pictures of today show. */
export function placesOf(queue: QueueUpdated, phases: Phases): Map<number, { place: VisitStatus; ticket?: number }> {
  const places = new Map<number, { place: VisitStatus; ticket?: number }>();
  for (const item of Object.values(phases).flat() as PhaseItem[]) {
    if (item.visit_id !== null) {
      places.set(item.visit_id, { place: item.visit_status });
    }
  }
  for (const item of [queue.waiting, queue.called, queue.in_progress, queue.completed].flat() as QueueItem[]) {
    places.set(item.id, { place: item.status, ...(item.queue_number !== null && { ticket: item.queue_number }) });
  }
  return places;
}

/** Payments with where their patients are: of today those who are about to leave first, then other days'. */
export function duesOf(payments: readonly Payment[], places: ReturnType<typeof placesOf>): Due[] {
  return payments
    .map((payment) => ({
      payment,
      name: payment.visit.patient?.name ?? "",
      phone: payment.visit.patient?.phone ?? "",
      ticket: places.get(payment.visit_id)?.ticket,
      place: places.get(payment.visit_id)?.place,
    }))
    .sort(
      (one, other) =>
        ORDER.indexOf(one.place) - ORDER.indexOf(other.place) ||
        (one.ticket ?? Infinity) - (other.ticket ?? Infinity) ||
        other.payment.id - one.payment.id,
    );
}

/** Those whom somebody looks for. */
export function found(dues: readonly Due[], typed: string): readonly Due[] {
  const wanted = typed.trim().toLocaleLowerCase();
  return wanted === ""
    ? dues
    : dues.filter(
        ({ name, phone, ticket }) =>
          name.toLocaleLowerCase().includes(wanted) || phone.includes(wanted) || String(ticket) === wanted,
      );
}
