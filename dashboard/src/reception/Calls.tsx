import { useEffect, useState } from "react";

import { useHere, useSignedIn } from "../app/signedIn";
import type { Lists } from "./cards";
import { useReceptionTexts } from "./texts";

/** Says calls to who does not see them. */
export function Calls({ called }: { called: Lists["called"] }) {
  const { realtime } = useSignedIn();
  const { clinic } = useHere();
  const texts = useReceptionTexts();
  const [visit, setVisit] = useState<number>();
  useEffect(
    () =>
      realtime.on("visit_status_changed", (payload) => {
        if (payload.clinic_id === clinic && payload.visit.status === "called") {
          setVisit(payload.visit.id);
        }
      }),
    [realtime, clinic],
  );
  const card = called.find(({ id }) => id === visit);
  return (
    <p className="said" aria-live="polite">
      {card && texts.calledAloud(card.ticket === null ? texts.noTicket : texts.ticket(card.ticket), card.name)}
    </p>
  );
}
