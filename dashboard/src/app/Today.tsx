import { useFormats } from "../i18n/language";
import { useHere } from "./signedIn";
import { useTicking } from "./useTicking";

/** The clinic's own day. */
export function Today() {
  const { zone } = useHere();
  const formats = useFormats();
  const day = useTicking(() => formats.day(Date.now(), zone));
  return <time className="today">{day}</time>;
}
