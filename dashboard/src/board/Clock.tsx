import { useHere } from "../app/signedIn";
import { useTicking } from "../app/useTicking";
import { useFormats } from "../i18n/language";

/** The time of day in the clinic; of the screen's own place while the clinic's zone is not known. */
export function Clock() {
  const { zone } = useHere();
  const formats = useFormats();
  const time = useTicking(() => formats.time(Date.now(), zone));
  return <time className="wall-clock">{time}</time>;
}
