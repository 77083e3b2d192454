import { useEffect, useRef, useState } from "react";

import type { BoardTicket } from "@contracts";

import { useHere, useSignedIn } from "../app/signedIn";
import { after, type Calls } from "./calls";

/** The board of the clinic as its events say; `onCall` hears of whom to call out. */
export function useCalls(onCall: (fresh: readonly BoardTicket[]) => void): Calls | undefined {
  const { realtime } = useSignedIn();
  const { clinic } = useHere();
  const [calls, setCalls] = useState<Calls>();
  const call = useRef(onCall);
  call.current = onCall;
  useEffect(() => {
    let now: Calls | undefined;
    const leaving = [
      realtime.join({ kind: "board", id: clinic }),
      realtime.on("board_updated", (picture) => {
        if (picture.clinic_id === clinic) {
          now = after(now, picture);
          setCalls(now);
          if (now.fresh.length > 0) {
            call.current(now.fresh);
          }
        }
      }),
    ];
    return () => leaving.forEach((leave) => leave());
  }, [realtime, clinic]);
  return calls;
}
