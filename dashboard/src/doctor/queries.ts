import { keepPreviousData, queryOptions, type QueryClient } from "@tanstack/react-query";

import type { Appointment, Clinic, Doctor, DoctorQueueUpdated, PatientCard, PhaseItem, QueueItem, Service, Visit } from "@contracts";

import type { Api } from "../api/request";
import type { PhasesOfDay, Picture } from "../api/shapes";

/** A visit with what was noted of it: by the desk when the patient came, by the doctor at its end. */
export type NotedVisit = Visit & { notes: string | null };

/** Who is with the doctor, and what is known of them. */
export interface Current {
  has_appointment: boolean;
  visit: NotedVisit | null;
  appointment: Appointment | null;
  patient: (PatientCard & { medical_history: string | null }) | null;
  service: Service | null;
  clinic: Clinic | null;
  doctor: Doctor | null;
  is_first_visit: boolean;
  visit_count: number;
  previous_visits: NotedVisit[];
  previous_appointments: Appointment[];
}

export type OwnQueue = Picture<DoctorQueueUpdated>;

export const ownQueueKey = (doctor: number) => ["doctor", doctor, "queue"] as const;

export const ownQueueQuery = (api: Api, client: QueryClient, doctor: number) =>
  queryOptions({
    queryKey: ownQueueKey(doctor),
    queryFn: async ({ signal }): Promise<OwnQueue> => {
      const { body, revision = 0 } = await api.ask<DoctorQueueUpdated>("GET", `/queue/doctor/${doctor}`, { signal });
      const known = client.getQueryData<OwnQueue>(ownQueueKey(doctor));
      return known && known.revision > revision ? known : { of: body, revision };
    },
  });

export type Expected = Picture<readonly PhaseItem[]>;

export const expectedKey = (doctor: number) => ["doctor", doctor, "expected"] as const;

/** Who is still to come to the doctor today, by their booked time. */
export const expectedQuery = (api: Api, client: QueryClient, clinic: number, doctor: number) =>
  queryOptions({
    queryKey: expectedKey(doctor),
    queryFn: async ({ signal }): Promise<Expected> => {
      const query = { doctor_id: doctor };
      const { body, revision = 0 } = await api.ask<PhasesOfDay>("GET", `/queue/phases/${clinic}`, { query, signal });
      const known = client.getQueryData<Expected>(expectedKey(doctor));
      return known && known.revision > revision ? known : { of: body.phases.appointments_today, revision };
    },
  });

/** A visit that changes is another question: what is known of the patient follows the queue by itself. */
export const currentQuery = (api: Api, doctor: number, visit: QueueItem | undefined) =>
  queryOptions({
    queryKey: ["doctor", doctor, "current", visit?.id, visit?.version],
    queryFn: ({ signal }) => api.get<Current>("/appointments/current", { signal }),
    enabled: visit !== undefined,
    placeholderData: keepPreviousData,
  });
