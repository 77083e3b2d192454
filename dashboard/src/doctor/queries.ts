import { keepPreviousData, queryOptions, type QueryClient } from "@tanstack/react-query";

import type { Appointment, Clinic, Doctor, DoctorQueueUpdated, PatientCard, QueueItem, Service, Visit } from "@contracts";

import type { Api } from "../api/request";
import type { Picture } from "../api/shapes";

/** Who is with the doctor, and what is known of them. */
export interface Current {
  has_appointment: boolean;
  visit: Visit | null;
  appointment: Appointment | null;
  patient: (PatientCard & { medical_history: string | null }) | null;
  service: Service | null;
  clinic: Clinic | null;
  doctor: Doctor | null;
  is_first_visit: boolean;
  visit_count: number;
  previous_visits: Visit[];
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

/** A visit that changes is another question: what is known of the patient follows the queue by itself. */
export const currentQuery = (api: Api, doctor: number, visit: QueueItem | undefined) =>
  queryOptions({
    queryKey: ["doctor", doctor, "current", visit?.id, visit?.version],
    queryFn: ({ signal }) => api.get<Current>("/appointments/current", { signal }),
    enabled: visit !== undefined,
    placeholderData: keepPreviousData,
  });
