import type { Phases, PhaseItem, QueueItem, QueueUpdated, VisitStatus, VisitType } from "@contracts";

/** One visit as a card of the board. */
export interface Card {
  /** The visit's id. */
  id: number;
  appointment: number | null;
  status: VisitStatus;
  ticket: number | null;
  name: string;
  phone: string;
  doctor: string;
  service: string;
  type: VisitType;
  booked: string | null;
  arrived: string | null;
  started: string | null;
  ended: string | null;
  notes: string | null;
  version: number;
  /** What the person asked for is under way: the card is where it will be, not yet where the server has it. */
  moving: boolean;
}

/** The day's visits by status, each in its order. */
export type Lists = Record<Shown, readonly Card[]>;

export type Shown = "scheduled" | "called" | "waiting" | "in_progress" | "completed";

export const SHOWN: readonly Shown[] = ["scheduled", "called", "waiting", "in_progress", "completed"];

export function isShown(status: VisitStatus): status is Shown {
  return (SHOWN as readonly string[]).includes(status);
}

/**
 * The cards of a clinic's day.
 *
 * The queue is newer than the phases where they differ: it comes with every change. The phases know who is
 * expected, and what was booked.
 */
export function cardsOf(queue: QueueUpdated, phases: Phases): Lists {
  const booked = new Map<number, PhaseItem>();
  for (const items of Object.values(phases)) {
    for (const item of items) {
      booked.set(item.visit_id ?? item.id, item);
    }
  }
  const present = new Set<number>();
  const inQueue = (items: readonly QueueItem[]) =>
    items.map((item) => {
      present.add(item.id);
      return ofQueue(item, booked.get(item.id));
    });
  const [called, waiting, started, completed] = [
    inQueue(queue.called),
    inQueue(queue.waiting),
    inQueue(queue.in_progress),
    inQueue(queue.completed),
  ];
  const scheduled = phases.appointments_today
    .filter((item) => !present.has(item.visit_id ?? item.id))
    .map(ofExpected);
  return { scheduled, called, waiting, in_progress: started, completed };
}

function ofQueue(item: QueueItem, booked: PhaseItem | undefined): Card {
  return {
    id: item.id,
    appointment: booked ? appointmentOf(booked) : null,
    status: item.status,
    ticket: item.queue_number,
    name: item.patient_name,
    phone: item.patient_phone,
    doctor: item.doctor_name,
    service: item.service_name,
    type: item.visit_type,
    booked: item.visit_type === "scheduled" ? (booked?.start_time ?? null) : null,
    arrived: item.check_in_time,
    started: item.start_time,
    ended: item.end_time,
    notes: booked?.notes ?? null,
    version: item.version,
    moving: false,
  };
}

function ofExpected(item: PhaseItem): Card {
  return {
    id: item.visit_id ?? item.id,
    appointment: appointmentOf(item),
    status: "scheduled",
    ticket: null,
    name: item.patient_name,
    phone: item.patient_phone,
    doctor: item.doctor_name,
    service: item.service_name,
    type: "scheduled",
    booked: item.start_time,
    arrived: null,
    started: null,
    ended: null,
    notes: item.notes,
    version: item.version,
    moving: false,
  };
}

/** A walk-in's card has the visit's own id: there is no appointment. */
function appointmentOf(item: PhaseItem): number | null {
  return item.id === item.visit_id ? null : item.id;
}
