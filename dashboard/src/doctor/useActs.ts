import { useMutation, useQueryClient } from "@tanstack/react-query";

import type { QueueItem, Visit } from "@contracts";

import { newKey, Refused } from "../api/request";
import { useHere, useSignedIn } from "../app/signedIn";
import { tell, useReason } from "../app/toasts";
import { useAppTexts } from "../app/texts";
import { useDoctorTexts } from "./texts";

/** What a doctor does with a visit; `next` is whoever is next. */
export type Act = "next" | "call" | "start" | "recall" | "requeue" | "complete";

interface Asked {
  act: Act;
  item?: QueueItem;
  notes?: string;
  key: string;
}

export interface Acts {
  busy: boolean;
  act(act: Act, item?: QueueItem, notes?: string): Promise<boolean>;
}

/** Acts of a doctor, one at a time; what is refused is said, and the page shows what is true now. */
export function useActs(doctor: number): Acts {
  const { api } = useSignedIn();
  const { clinic } = useHere();
  const client = useQueryClient();
  const app = useAppTexts();
  const texts = useDoctorTexts();
  const reason = useReason();
  const { mutateAsync, isPending } = useMutation({
    scope: { id: `acts of ${doctor}` },
    mutationFn: async ({ act, item, notes, key }: Asked) => {
      const path = act === "next" ? "call" : act;
      const body = item ? { visit_id: item.id, ...(notes ? { notes } : {}) } : { clinic_id: clinic, doctor_id: doctor };
      const version = item?.version;
      const answer = await api.ask<{ visit: Visit }>("POST", `/queue/${path}`, { body, version, key });
      return answer.body.visit;
    },
    retry: (count, error) => count < 2 && error instanceof Refused && error.passing,
    retryDelay: 700,
    onError: (error) => {
      const stands = error instanceof Refused ? error.visit : undefined;
      const now = stands && texts.statuses[stands.status];
      tell({ tone: "refused", title: app.notDone, detail: [reason(error), now].filter(Boolean).join(" ") });
      void client.invalidateQueries({ queryKey: ["doctor", doctor] });
    },
  });
  return {
    busy: isPending,
    act: (act, item, notes) =>
      mutateAsync({ act, key: newKey(), ...(item && { item }), ...(notes && { notes }) }).then(
        () => true,
        () => false,
      ),
  };
}
