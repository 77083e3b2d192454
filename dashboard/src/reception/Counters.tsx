import { memo } from "react";

import { useFormats } from "../i18n/language";
import { useReceptionTexts } from "./texts";
import type { Numbers } from "./useDay";

const UNKNOWN = "–";

/** The day in numbers. */
export const Counters = memo(function Counters(numbers: Numbers) {
  const texts = useReceptionTexts().numbers;
  const formats = useFormats();
  const count = (value: number | undefined) => (value === undefined ? UNKNOWN : formats.number(value));
  const wait = (value: number | null | undefined) =>
    typeof value === "number" ? formats.minutes(Math.round(value)) : UNKNOWN;
  const shown = [
    ["scheduled", texts.appointments, count(numbers.appointments)],
    ["waiting", texts.waiting, count(numbers.waiting)],
    ["in_progress", texts.withDoctor, count(numbers.withDoctor)],
    ["completed", texts.completed, count(numbers.completed)],
    ["unpaid", texts.pendingPayments, count(numbers.pendingPayments)],
    ["p50", texts.waitP50, wait(numbers.waitP50)],
    ["p90", texts.waitP90, wait(numbers.waitP90)],
  ] as const;
  return (
    <dl className="counters" aria-label={texts.label}>
      {shown.map(([name, label, value]) => (
        <div key={name} data-of={name}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
});
