import type { PhaseItem } from "@contracts";

import { useHere } from "../app/signedIn";
import { useFormats } from "../i18n/language";
import { useDoctorTexts } from "./texts";

/** Who has an appointment today and has not come yet. */
export function Expected({ expected }: { expected: readonly PhaseItem[] }) {
  const texts = useDoctorTexts();
  const formats = useFormats();
  const { zone } = useHere();
  return (
    <section className="expected" aria-labelledby="expected">
      <h2 id="expected">
        {texts.expected}
        <span>{formats.number(expected.length)}</span>
      </h2>
      <ol>
        {expected.map(({ id, start_time: at, patient_name: name, service_name: service, notes }) => (
          <li key={id}>
            <time dateTime={at ?? undefined}>{at && formats.time(at, zone)}</time>
            <div>
              <strong dir="auto">{name}</strong>
              <small dir="auto">{[service, notes].filter(Boolean).join(" · ")}</small>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
