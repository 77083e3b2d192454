import { useSyncExternalStore } from "react";

import { useHere } from "../app/signedIn";
import { useFormats } from "../i18n/language";

function eachSecond(hear: () => void): () => void {
  const ticking = setInterval(hear, 1_000);
  return () => clearInterval(ticking);
}

/** The time of day in the clinic; of the screen's own place while the clinic's zone is not known. */
export function Clock() {
  const { zone } = useHere();
  const formats = useFormats();
  const time = useSyncExternalStore(eachSecond, () => formats.time(Date.now(), zone));
  return <time className="wall-clock">{time}</time>;
}
