import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import type { EventName, Phases, PhasesUpdated, QueueUpdated, VisitStatus, VisitStatusChanged } from "@contracts";

import { useSignedIn } from "../app/signedIn";
import { refetcher } from "../realtime";
import { paced } from "./paced";
import { phasesKey, queueKey, today } from "./queries";
import type { PhasesPicture, QueuePicture } from "./shapes";

/** Every event of the map: whichever comes, the numbers of the day may be others. */
const EVERY = Object.keys({
  queue_updated: true,
  board_updated: true,
  new_checkin: true,
  visit_status_changed: true,
  walkin_added: true,
  visit_cancelled: true,
  queue_reordered: true,
  phases_updated: true,
  current_appointment_available: true,
  appointment_created: true,
  appointment_updated: true,
  appointment_cancelled: true,
  appointment_completed: true,
  patient_created: true,
  patient_updated: true,
  payment_processed: true,
} satisfies Record<EventName, true>) as EventName[];

const GONE: readonly VisitStatus[] = ["cancelled", "no_show"];

/** Keep what the cache holds of a clinic's day as events say it is, and fetch what they do not say. */
export function useClinicEvents(clinic: number): void {
  const { realtime } = useSignedIn();
  const client = useQueryClient();

  useEffect(() => {
    const refetch = () => client.invalidateQueries({ queryKey: today(clinic) });
    const soon = refetcher(refetch);
    let queue: QueuePicture | undefined;
    let phases: ((known: PhasesPicture | undefined) => PhasesPicture | undefined)[] = [];

    const drawing = paced(() => {
      if (queue) {
        client.setQueryData(queueKey(clinic), queue);
        queue = undefined;
      }
      if (phases.length > 0) {
        const changes = phases;
        phases = [];
        client.setQueryData<PhasesPicture>(phasesKey(clinic), (known) =>
          changes.reduce((picture, change) => change(picture), known),
        );
      }
    });

    const leaving = [
      realtime.join({ kind: "clinic", id: clinic }),
      realtime.on("queue_updated", (payload, { rev = 0 }) => {
        if (isOfClinic(payload, clinic)) {
          queue = { of: payload, revision: rev };
          drawing.ask();
        }
      }),
      realtime.on("phases_updated", (payload, { rev = 0 }) => {
        if (isOfClinic(payload, clinic)) {
          phases = [() => ({ of: payload as PhasesUpdated, revision: rev })];
          drawing.ask();
        }
      }),
      realtime.on("visit_status_changed", (payload) => {
        // Who has come is in the queue that follows; who will not come is in none.
        if (payload.clinic_id === clinic && GONE.includes(payload.visit.status)) {
          phases.push((known) => known && { ...known, of: { ...known.of, phases: notExpected(known.of.phases, payload) } });
          drawing.ask();
        }
      }),
      realtime.onGap(() => {
        // What was fetched before may be of another life of the server: its revisions are no measure.
        for (const key of [queueKey(clinic), phasesKey(clinic)]) {
          client.setQueryData<QueuePicture | PhasesPicture>(key, (known) => known && { ...known, revision: 0 });
        }
        void refetch();
      }),
      ...EVERY.map((event) => realtime.on(event, () => soon.ask())),
    ];
    return () => {
      leaving.forEach((leave) => leave());
      drawing.stop();
      soon.stop();
    };
  }, [realtime, client, clinic]);
}

function isOfClinic<T extends { clinic_id: number }>(payload: T, clinic: number): payload is T & QueueUpdated {
  // A doctor's part of it comes under the same name.
  return payload.clinic_id === clinic && !("doctor_id" in payload);
}

/** The columns without a visit among those expected. */
function notExpected(phases: Phases, { visit }: VisitStatusChanged): Phases {
  return {
    ...phases,
    appointments_today: phases.appointments_today.filter(
      ({ visit_id, version }) => visit_id !== visit.id || version > visit.version,
    ),
  };
}
