import { useSyncExternalStore } from "react";

import { useFormats } from "../i18n/language";
import { useHere } from "./signedIn";

function eachMinute(hear: () => void): () => void {
  const ticking = setInterval(hear, 60_000);
  return () => clearInterval(ticking);
}

/** The clinic's own day. */
export function Today() {
  const { zone } = useHere();
  const formats = useFormats();
  const day = useSyncExternalStore(eachMinute, () => formats.day(Date.now(), zone));
  return <time className="today">{day}</time>;
}
