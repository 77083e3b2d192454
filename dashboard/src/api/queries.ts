import { queryOptions, type QueryClient } from "@tanstack/react-query";

import type { Api } from "./request";
import type {
  Clinics,
  DashboardStats,
  Doctors,
  Patients,
  PhasesOfDay,
  PhasesPicture,
  Picture,
  QueuePicture,
  QueueStatistics,
  Services,
  Slots,
} from "./shapes";
import type { QueueUpdated } from "@contracts";

/** What seldom changes: asked for again after this long. */
const CATALOGUE = 5 * 60_000;

export const clinicsQuery = (api: Api) =>
  queryOptions({
    queryKey: ["clinics"],
    queryFn: ({ signal }) => api.get<Clinics>("/clinics", { signal }),
    select: ({ clinics }) => clinics.filter(({ is_active }) => is_active),
    staleTime: CATALOGUE,
  });

export const doctorsQuery = (api: Api, clinic: number) =>
  queryOptions({
    queryKey: ["clinic", clinic, "doctors"],
    queryFn: ({ signal }) => api.get<Doctors>(`/clinics/${clinic}/doctors`, { signal }),
    select: ({ doctors }) => doctors.filter(({ is_active }) => is_active),
    staleTime: CATALOGUE,
  });

export const servicesQuery = (api: Api, clinic: number) =>
  queryOptions({
    queryKey: ["clinic", clinic, "services"],
    queryFn: ({ signal }) => api.get<Services>(`/clinics/${clinic}/services`, { signal }),
    select: ({ services }) => services.filter(({ is_active }) => is_active),
    staleTime: CATALOGUE,
  });

export const patientsQuery = (api: Api, typed: string) =>
  queryOptions({
    queryKey: ["patients", typed],
    queryFn: ({ signal }) => api.get<Patients>("/patients/search", { query: { q: typed }, signal }),
    select: ({ patients }) => patients,
    enabled: typed.length >= 2,
    placeholderData: (before) => before,
  });

export const slotsQuery = (api: Api, clinic: number, doctor: number | undefined, date: string) =>
  queryOptions({
    queryKey: ["clinic", clinic, "slots", doctor, date],
    queryFn: ({ signal }) =>
      api.get<Slots>("/appointments/available-slots", {
        query: { clinic_id: clinic, doctor_id: doctor, date },
        signal,
      }),
    enabled: doctor !== undefined && date !== "",
    staleTime: 0,
  });

/** What is true of today in a clinic: every event may change it. */
export const today = (clinic: number) => ["clinic", clinic, "today"] as const;

export const queueKey = (clinic: number) => [...today(clinic), "queue"] as const;
export const phasesKey = (clinic: number) => [...today(clinic), "phases"] as const;

export const queueQuery = (api: Api, client: QueryClient, clinic: number) =>
  queryOptions({
    queryKey: queueKey(clinic),
    queryFn: async ({ signal }): Promise<QueuePicture> => {
      const { body, revision = 0 } = await api.ask<QueueUpdated>("GET", `/queue/clinic/${clinic}`, { signal });
      return newer({ of: body, revision }, client.getQueryData<QueuePicture>(queueKey(clinic)));
    },
  });

export const phasesQuery = (api: Api, client: QueryClient, clinic: number) =>
  queryOptions({
    queryKey: phasesKey(clinic),
    queryFn: async ({ signal }): Promise<PhasesPicture> => {
      const { body, revision = 0 } = await api.ask<PhasesOfDay>("GET", `/queue/phases/${clinic}`, { signal });
      return newer({ of: body, revision }, client.getQueryData<PhasesPicture>(phasesKey(clinic)));
    },
  });

export const statisticsQuery = (api: Api, clinic: number) =>
  queryOptions({
    queryKey: [...today(clinic), "statistics"],
    queryFn: ({ signal }) => api.get<QueueStatistics>(`/queue/statistics/${clinic}`, { signal }),
  });

export const statsQuery = (api: Api, clinic: number) =>
  queryOptions({
    queryKey: [...today(clinic), "stats"],
    queryFn: ({ signal }) =>
      api.get<DashboardStats>("/dashboard/stats", { query: { clinic_id: clinic }, signal }),
  });

/** The fetched picture, unless an event has brought a later one while it was on its way. */
function newer<T>(fetched: Picture<T>, known: Picture<T> | undefined): Picture<T> {
  return known && known.revision > fetched.revision ? known : fetched;
}
