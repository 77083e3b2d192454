import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { useSignedIn } from "../app/signedIn";
import { afterPayment, paymentsKey, type Payments } from "./queries";

/** Let what is paid anywhere be so in the lists at once; what an event does not say is fetched after it. */
export function usePaid(clinic: number): void {
  const { realtime } = useSignedIn();
  const client = useQueryClient();
  useEffect(
    () =>
      realtime.on("payment_processed", ({ payment }) => {
        for (const [key, list] of client.getQueriesData<Payments>({ queryKey: paymentsKey(clinic) })) {
          if (list) {
            // The states that a list is of are named in its key.
            client.setQueryData(key, afterPayment(list, key, payment));
          }
        }
      }),
    [realtime, client, clinic],
  );
}
