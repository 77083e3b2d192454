import type { PhaseItem, Phases, QueueItem, QueueUpdated, Visit, VisitStatus } from "@contracts";

import type { Shown } from "./cards";

export const CLINIC = 1;

/** A plainly invented person for each number. */
const nameOf = (id: number) => `Patient ${"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[id - 1] ?? id} Example`;

export function aQueueItem(id: number, more: Partial<QueueItem> = {}): QueueItem {
  return {
    id,
    queue_number: id,
    patient_name: nameOf(id),
    patient_phone: `+000555${id}`,
    doctor_name: "Dr. Ada Sample",
    service_name: "Consultation",
    visit_type: "scheduled",
    check_in_time: "2026-03-02T08:00:00Z",
    start_time: null,
    end_time: null,
    status: "waiting",
    version: 1,
    ...more,
  };
}

export function aPhaseItem(visit: number, more: Partial<PhaseItem> = {}): PhaseItem {
  return {
    id: 100 + visit,
    booking_id: `B${visit}`,
    patient_name: nameOf(visit),
    patient_phone: `+000555${visit}`,
    doctor_name: "Dr. Ada Sample",
    clinic_name: "Sample Clinic",
    service_name: "Consultation",
    start_time: "2026-03-02T09:00:00Z",
    end_time: "2026-03-02T09:15:00Z",
    notes: null,
    visit_status: "scheduled",
    queue_phase: "appointments_today",
    visit_id: visit,
    payment_id: null,
    version: 1,
    ...more,
  };
}

export function phases(more: Partial<Phases> = {}): Phases {
  return { appointments_today: [], waiting: [], with_doctor: [], completed: [], ...more };
}

export function aQueue(more: Partial<QueueUpdated> = {}): QueueUpdated {
  return { clinic_id: CLINIC, waiting: [], called: [], in_progress: [], completed: [], total: 0, ...more };
}

export function aVisit(id: number, status: VisitStatus, version: number): Visit {
  return {
    id,
    appointment_id: 100 + id,
    doctor_id: 1,
    patient_id: id,
    service_id: 1,
    clinic_id: CLINIC,
    check_in_time: "2026-03-02T08:00:00Z",
    start_time: null,
    end_time: null,
    called_time: null,
    status,
    visit_type: "scheduled",
    queue_number: id,
    position: null,
    created_at: "2026-03-02T07:00:00Z",
    version,
  };
}

/** A queue from who is where; versions are 1 unless said. */
export function queueOf(where: Partial<Record<Exclude<Shown, "scheduled">, number[]>>, version = 1): QueueUpdated {
  const items = (status: Exclude<Shown, "scheduled">) =>
    (where[status] ?? []).map((id) => aQueueItem(id, { status, version }));
  return aQueue({
    waiting: items("waiting"),
    called: items("called"),
    in_progress: items("in_progress"),
    completed: items("completed"),
  });
}
