import { useState, type RefObject } from "react";
import { Button } from "react-aria-components";

import type { QueueItem } from "@contracts";

import { Elapsed } from "../app/controls/Elapsed";
import { Field } from "../app/controls/Field";
import { Icon } from "../app/controls/Icon";
import { useHere } from "../app/signedIn";
import { useFormats } from "../i18n/language";
import type { Current } from "./queries";
import { useDoctorTexts } from "./texts";
import type { Acts } from "./useActs";

interface Props {
  place: RefObject<HTMLElement | null>;
  visit: QueueItem | undefined;
  current: Current | undefined;
  acts: Acts;
}

/** Who is with the doctor, what is known of them, and the notes that end the visit. */
export function CurrentVisit({ place, visit, current, acts }: Props) {
  const texts = useDoctorTexts();
  return (
    <section className="card current" ref={place} tabIndex={-1} aria-labelledby="current">
      <h2 id="current">{texts.current}</h2>
      <p className="said" role="status">
        {visit && texts.came(visit.patient_name)}
      </p>
      {visit ? (
        <>
          <Who visit={visit} current={current} />
          <Known current={current} />
          <Notes key={visit.id} visit={visit} acts={acts} />
        </>
      ) : (
        <div className="nobody">
          <p>{texts.nobody}</p>
          <small>{texts.nobodyTold}</small>
        </div>
      )}
    </section>
  );
}

function Notes({ visit, acts }: { visit: QueueItem; acts: Acts }) {
  const texts = useDoctorTexts();
  const [notes, setNotes] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void acts.act("complete", visit, notes.trim());
      }}
    >
      <Field label={texts.notes} lines={7} placeholder={texts.notesHint} value={notes} onChange={setNotes} />
      <div className="buttons">
        <Button className="button primary" type="submit" isDisabled={acts.busy}>
          <Icon name="check" />
          {texts.complete}
        </Button>
      </div>
    </form>
  );
}

function Who({ visit, current }: { visit: QueueItem; current: Current | undefined }) {
  const texts = useDoctorTexts();
  const formats = useFormats();
  const patient = current?.patient;
  const facts = [
    patient?.gender && texts.genders[patient.gender],
    typeof patient?.age === "number" && texts.age(patient.age),
    visit.service_name,
    current && (current.is_first_visit ? texts.firstVisit : texts.visits(current.visit_count)),
  ].filter(Boolean);
  return (
    <div className="who">
      <span className="who-ticket">
        <span className="said">{texts.ticket(visit.queue_number ?? 0)}</span>
        <span aria-hidden="true">{formats.number(visit.queue_number ?? 0)}</span>
      </span>
      <div>
        <p className="who-name">{visit.patient_name}</p>
        <p className="who-facts">{facts.join(" · ")}</p>
        <p className="who-facts">
          <bdi dir="ltr">{visit.patient_phone}</bdi>
          {visit.start_time && (
            <>
              {" · "}
              <Elapsed since={visit.start_time} label={texts.since} />
            </>
          )}
        </p>
      </div>
    </div>
  );
}

function Known({ current }: { current: Current | undefined }) {
  const texts = useDoctorTexts();
  const formats = useFormats();
  const { zone } = useHere();
  const booked = new Map(current?.previous_appointments.map(({ id, notes }) => [id, notes]));
  const said = [current?.appointment?.notes, current?.visit?.notes].filter(Boolean).join("\n");
  return (
    <div className="known">
      {said && (
        <div className="known-said">
          <h3>{texts.fromDesk}</h3>
          <p className="known-text" dir="auto">
            {said}
          </p>
        </div>
      )}
      <div>
        <h3>{texts.history}</h3>
        <p className="known-text">
          {current && (current.patient ? current.patient.medical_history || <small>{texts.noHistory}</small> : texts.historyAway)}
        </p>
      </div>
      <div>
        <h3>{texts.before}</h3>
        {current && current.previous_visits.length === 0 && <small>{texts.noneBefore}</small>}
        <ul>
          {current?.previous_visits.map((visit) => (
            <li key={visit.id}>
              <time dateTime={visit.created_at}>{formats.date(visit.created_at, zone)}</time>
              <p className="known-text" dir="auto">
                {[visit.appointment_id !== null && booked.get(visit.appointment_id), visit.notes].filter(Boolean).join("\n") || (
                  <small>{texts.nothingNoted}</small>
                )}
              </p>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
