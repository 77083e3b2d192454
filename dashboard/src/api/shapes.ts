import type { Clinic, Doctor, PatientCard, Phases, QueueUpdated, Service } from "@contracts";

export interface Clinics {
  clinics: Clinic[];
}

export interface Doctors {
  doctors: Doctor[];
}

export interface Services {
  services: Service[];
}

export interface Patients {
  patients: PatientCard[];
}

/** A picture of a clinic, and the revision it is of. */
export interface Picture<T> {
  of: T;
  revision: number;
}

export type QueuePicture = Picture<QueueUpdated>;

export interface PhasesOfDay {
  phases: Phases;
  date: string;
  clinic_id: number;
}

export type PhasesPicture = Picture<PhasesOfDay>;

/** A clinic's day in numbers; the waits are null while there is nothing to measure. */
export interface QueueStatistics {
  date: string;
  total_appointments: number;
  waiting_count: number;
  called_count: number;
  in_progress_count: number;
  completed_count: number;
  avg_wait_time_minutes: number;
  avg_consultation_time_minutes: number;
  wait_p50_minutes: number | null;
  wait_p90_minutes: number | null;
}

export interface DashboardStats {
  appointments: { total: number; confirmed: number; checked_in: number; completed: number };
  visits: {
    total: number;
    waiting: number;
    called: number;
    in_progress: number;
    pending_payment: number;
    completed: number;
  };
  payments: { total: number; paid: number; revenue: number };
  alerts: { type: string; message: string }[];
  date: string;
}

/** A slot of a doctor's day: "HH:MM" of the clinic. */
export interface Slot {
  start_time: string;
  end_time: string;
  available: boolean;
  reason?: string;
}

export interface Slots {
  slots: Slot[];
  available_slots: Slot[];
  all_slots: Slot[];
  date: string;
}
