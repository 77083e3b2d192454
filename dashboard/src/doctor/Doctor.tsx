import { useCallback, useRef } from "react";
import { Button } from "react-aria-components";

import { useSignedIn } from "../app/signedIn";
import { useAppTexts } from "../app/texts";
import { CurrentVisit } from "./CurrentVisit";
import { Expected } from "./Expected";
import { OwnQueue } from "./OwnQueue";
import { useActs } from "./useActs";
import { useOwnDay } from "./useOwnDay";

import "./doctor.css";

/** A doctor's page: who is here now, and who is next. */
export default function Doctor() {
  const { session } = useSignedIn();
  const texts = useAppTexts();
  if (session.doctorId === undefined) {
    return <main className="notice">{texts.noPage}</main>;
  }
  return <OwnDay doctor={session.doctorId} />;
}

function OwnDay({ doctor }: { doctor: number }) {
  const texts = useAppTexts();
  const place = useRef<HTMLElement>(null);
  const show = useCallback(() => {
    // Whoever came in is on the screen, wherever the page was scrolled to; typing is not interrupted.
    place.current?.scrollIntoView({ block: "start" });
    if (!(document.activeElement instanceof HTMLTextAreaElement)) {
      place.current?.focus({ preventScroll: true });
    }
  }, []);
  const day = useOwnDay(doctor, show);
  const acts = useActs(doctor);
  if (!day.queue) {
    return (
      <main className="notice">
        <p>{day.failed ? texts.failed : texts.loading}</p>
        {day.failed && (
          <Button className="button" onPress={day.again}>
            {texts.again}
          </Button>
        )}
      </main>
    );
  }
  return (
    <main className="doctor">
      <CurrentVisit place={place} visit={day.visit} current={day.current} acts={acts} />
      <div className="own">
        <OwnQueue queue={day.queue} acts={acts} />
        {day.expected.length > 0 && <Expected expected={day.expected} />}
      </div>
    </main>
  );
}
