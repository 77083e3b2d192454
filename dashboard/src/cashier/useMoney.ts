import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { PaymentMethod } from "@contracts";

import { today } from "../api/queries";
import { newKey, Refused } from "../api/request";
import { useHere, useSignedIn } from "../app/signedIn";
import { tell, useReason } from "../app/toasts";
import { useAppTexts } from "../app/texts";
import type { Payment } from "./queries";

/** What is asked of a payment. */
export type Wish =
  | { do: "process"; amount_paid: number; discount_amount: number; payment_method: PaymentMethod }
  | { do: "refund" };

/** Money in or out for one payment; one key for all tries, so that nothing is taken twice. */
export function useMoney(payment: Payment): { busy: boolean; ask(wish: Wish): Promise<Payment | undefined> } {
  const { api } = useSignedIn();
  const { clinic } = useHere();
  const client = useQueryClient();
  const app = useAppTexts();
  const reason = useReason();
  const [keys] = useState(() => new Map<string, string>());
  const { mutateAsync, isPending } = useMutation({
    mutationFn: async (wish: Wish) => {
      // The same wish again is the same command: its first answer may have been lost on the way.
      const key = keys.get(JSON.stringify(wish)) ?? newKey();
      keys.set(JSON.stringify(wish), key);
      const { do: act, ...body } = wish;
      const answer =
        act === "process"
          ? await api.ask<{ payment: Payment }>("PUT", `/payments/${payment.id}/process`, { body, key })
          : await api.ask<{ payment: Payment }>("POST", `/payments/refund/${payment.id}`, { key });
      return answer.body.payment;
    },
    retry: (count, error) => count < 2 && error instanceof Refused && error.passing,
    retryDelay: 700,
    onError: (error) =>
      tell({
        tone: "refused",
        title: app.notDone,
        detail: [reason(error), error instanceof Refused && error.detail].filter(Boolean).join(" "),
      }),
    onSettled: () => client.invalidateQueries({ queryKey: today(clinic) }),
  });
  return { busy: isPending, ask: (wish) => mutateAsync(wish).catch(() => undefined) };
}
