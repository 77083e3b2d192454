import { useFormats } from "../../i18n/language";
import { useTicking } from "../useTicking";

const MINUTE = 60_000;

/** Whole minutes since a moment, counting up. */
export function useMinutesSince(moment: string): number {
  const from = Date.parse(moment);
  return useTicking(() => Math.max(0, Math.floor((Date.now() - from) / MINUTE)));
}

/** After how many minutes a wait is long, and too long. */
const LONG = [20, 40] as const;

/** How long somebody has waited by now. */
export function Elapsed({ since, label }: { since: string; label?: (time: string) => string }) {
  const minutes = useMinutesSince(since);
  const time = useFormats().minutes(minutes);
  const level = LONG.filter((limit) => minutes >= limit).length;
  return (
    <time className="elapsed" dateTime={`PT${minutes}M`} data-level={level}>
      {label ? label(time) : time}
    </time>
  );
}
