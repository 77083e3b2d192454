import { Button } from "react-aria-components";

import type { DoctorQueueUpdated, QueueItem } from "@contracts";

import { Elapsed } from "../app/controls/Elapsed";
import { Icon } from "../app/controls/Icon";
import { useFormats } from "../i18n/language";
import { useDoctorTexts } from "./texts";
import type { Act, Acts } from "./useActs";

/** Who was called and who waits, and what the doctor can do about it. */
export function OwnQueue({ queue, acts }: { queue: DoctorQueueUpdated; acts: Acts }) {
  const texts = useDoctorTexts();
  const { waiting, called, in_progress, completed } = queue;
  return (
    <section className="own-queue" aria-labelledby="own-queue">
      <header>
        <h2 id="own-queue">{texts.queue}</h2>
        <p>
          {texts.waiting(waiting.length)} · {texts.seen(completed.length)}
        </p>
        <Button
          className="button primary"
          isDisabled={acts.busy || waiting.length === 0}
          onPress={() => void acts.act("next")}
        >
          <Icon name="bell" />
          {texts.callNext}
        </Button>
      </header>
      <ol className="own-list">
        {called.map((item) => (
          <Entry key={item.id} item={item} acts={acts} offers={["start", "recall", "requeue"]} busy={in_progress.length > 0} />
        ))}
        {waiting.map((item) => (
          <Entry key={item.id} item={item} acts={acts} offers={["call"]} busy={false} />
        ))}
      </ol>
      {called.length + waiting.length === 0 && <p className="empty">{texts.queueEmpty}</p>}
    </section>
  );
}

interface EntryProps {
  item: QueueItem;
  acts: Acts;
  offers: readonly Exclude<Act, "next" | "complete">[];
  /** Somebody is with the doctor: nobody else can be started. */
  busy: boolean;
}

function Entry({ item, acts, offers, busy }: EntryProps) {
  const texts = useDoctorTexts();
  const formats = useFormats();
  return (
    <li className="card entry" data-status={item.status}>
      <span className="entry-ticket">
        <span className="said">{texts.ticket(item.queue_number ?? 0)}</span>
        <span aria-hidden="true">{formats.number(item.queue_number ?? 0)}</span>
      </span>
      <div className="entry-who">
        <strong>{item.patient_name}</strong>
        <small>
          {item.service_name}
          {item.visit_type === "walk_in" && ` · ${texts.walkIn}`}
        </small>
      </div>
      <p className="entry-state">
        {item.status === "called" && <b>{texts.called}</b>}
        {item.check_in_time && <Elapsed since={item.check_in_time} label={texts.waited} />}
      </p>
      <div className="entry-acts">
        {offers.map((act) => (
          <Button
            key={act}
            className={act === "start" ? "button small primary" : "button small"}
            aria-label={texts.of(texts[act], item.patient_name)}
            isDisabled={acts.busy || (act === "start" && busy)}
            onPress={() => void acts.act(act, item)}
          >
            {texts[act]}
          </Button>
        ))}
      </div>
    </li>
  );
}
