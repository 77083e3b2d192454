import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import type { DoctorQueueUpdated, PhaseItem, QueueItem } from "@contracts";

import { paced } from "../api/paced";
import { useHere, useSignedIn } from "../app/signedIn";
import { refetcher } from "../realtime";
import {
  currentQuery,
  expectedKey,
  expectedQuery,
  ownQueueKey,
  ownQueueQuery,
  type Current,
  type Expected,
  type OwnQueue,
} from "./queries";

/** What happens to a visit without a picture of the queue: then it is fetched. */
const HAPPENINGS = [
  "visit_status_changed",
  "current_appointment_available",
  "appointment_created",
  "appointment_updated",
  "appointment_cancelled",
  "appointment_completed",
  "phases_updated",
  "patient_updated",
] as const;

const NOBODY: readonly PhaseItem[] = [];

/** A doctor's own day, as it is now. */
export interface OwnDay {
  queue: DoctorQueueUpdated | undefined;
  /** Who is still to come, by their booked time. */
  expected: readonly PhaseItem[];
  visit: QueueItem | undefined;
  /** What is known of the patient of `visit`; undefined until it has come. */
  current: Current | undefined;
  failed: boolean;
  again(): void;
}

/** Hear of one doctor, and of nobody else's patients. */
export function useOwnDay(doctor: number, onCurrent: () => void): OwnDay {
  const { api, realtime } = useSignedIn();
  const { clinic } = useHere();
  const client = useQueryClient();
  useEffect(() => {
    const refetch = () => client.invalidateQueries({ queryKey: ["doctor", doctor] });
    const soon = refetcher(refetch);
    let picture: OwnQueue | undefined;
    let expected: Expected | undefined;
    const drawing = paced(() => {
      // Without a picture nothing is set.
      client.setQueryData(ownQueueKey(doctor), picture);
      client.setQueryData(expectedKey(doctor), expected);
      picture = expected = undefined;
    });
    const leaving = [
      realtime.join({ kind: "doctor", id: doctor }),
      realtime.on("queue_updated", (payload, { rev = 0 }) => {
        if ("doctor_id" in payload && payload.doctor_id === doctor) {
          picture = { of: payload, revision: rev };
          drawing.ask();
        }
      }),
      realtime.on("phases_updated", (payload, { rev = 0 }) => {
        if ("doctor_id" in payload && payload.doctor_id === doctor) {
          expected = { of: payload.phases.appointments_today, revision: rev };
          drawing.ask();
        }
      }),
      realtime.on("current_appointment_available", (payload) => {
        if (payload.doctor_id === doctor) {
          onCurrent();
        }
      }),
      ...HAPPENINGS.map((event) => realtime.on(event, () => soon.ask())),
      realtime.onGap(() => {
        for (const key of [ownQueueKey(doctor), expectedKey(doctor)]) {
          client.setQueryData<OwnQueue | Expected>(key, (known) => known && { ...known, revision: 0 });
        }
        void refetch();
      }),
    ];
    return () => {
      leaving.forEach((leave) => leave());
      drawing.stop();
      soon.stop();
    };
  }, [realtime, client, doctor, onCurrent]);

  const queue = useQuery(ownQueueQuery(api, client, doctor));
  const visit = queue.data?.of.in_progress[0];
  const expected = useQuery(expectedQuery(api, client, clinic, doctor)).data;
  const current = useQuery(currentQuery(api, doctor, visit)).data;
  return {
    queue: queue.data?.of,
    expected: expected?.of ?? NOBODY,
    visit,
    current: current?.visit?.id === visit?.id ? current : undefined,
    failed: queue.isError,
    again: () => void queue.refetch(),
  };
}
