import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Button, Checkbox, Input, SearchField, ToggleButton, ToggleButtonGroup } from "react-aria-components";

import { phasesQuery, queueQuery, statsQuery } from "../api/queries";
import { useClinicEvents } from "../api/useClinicEvents";
import { Icon } from "../app/controls/Icon";
import { useHere, useSignedIn } from "../app/signedIn";
import { useAppTexts } from "../app/texts";
import { useFormats } from "../i18n/language";
import { DueRow, type Asks } from "./DueRow";
import { duesOf, found, placesOf } from "./dues";
import { minor, major } from "./money";
import { paymentsQuery } from "./queries";
import { Receipt } from "./Receipt";
import { RefundWindow } from "./RefundWindow";
import { TakeWindow } from "./TakeWindow";
import { useCashierTexts } from "./texts";

import "./cashier.css";

type View = "due" | "settled";

/** The cashier's page: who has to pay, and what came in. */
export default function Cashier() {
  const { api } = useSignedIn();
  const { clinic, zone } = useHere();
  const client = useQueryClient();
  const app = useAppTexts();
  const texts = useCashierTexts();
  const formats = useFormats();
  const [view, setView] = useState<View>("due");
  const [allDays, setAllDays] = useState(false);
  const [typed, setTyped] = useState("");
  const [open, setOpen] = useState<Asks>();
  useClinicEvents(clinic);
  const queue = useQuery(queueQuery(api, client, clinic)).data?.of;
  const phases = useQuery(phasesQuery(api, client, clinic)).data?.of.phases;
  const stats = useQuery(statsQuery(api, clinic)).data;
  const due = useQuery(paymentsQuery(api, clinic, ["pending", "partially_paid"]));
  const settled = useQuery({ ...paymentsQuery(api, clinic, ["paid", "refunded"]), enabled: view === "settled" });

  const places = useMemo(() => queue && phases && placesOf(queue, phases), [queue, phases]);
  const dues = useMemo(() => duesOf(due.data?.payments ?? [], places ?? new Map()), [due.data, places]);
  const ofToday = useMemo(() => dues.filter(({ place }) => place !== undefined), [dues]);
  const done = useMemo(() => {
    const date = (moment: string | number) => formats.day(moment, zone);
    const now = date(Date.now());
    return duesOf(
      (settled.data?.payments ?? []).filter(
        ({ paid_at, visit_id }) => allDays || places?.has(visit_id) || (paid_at !== null && date(paid_at) === now),
      ),
      places ?? new Map(),
    );
  }, [settled.data, places, allDays, formats, zone]);

  const list = view === "due" ? (allDays ? dues : ofToday) : done;
  const shown = found(list, typed);
  const source = view === "due" ? due : settled;
  const outstanding = ofToday.reduce((sum, { payment }) => sum + minor(payment.remaining_amount), 0);
  const sums = [
    ["revenue", texts.revenue, stats && formats.money(stats.payments.revenue)],
    ["outstanding", texts.outstanding, due.data && places && formats.money(major(outstanding))],
    ["paid", texts.paidCount, stats && formats.number(stats.payments.paid)],
    ["pending", texts.pendingCount, stats && formats.number(stats.visits.pending_payment)],
  ] as const;

  return (
    <main className="cashier">
      <dl className="sums" aria-label={texts.sums}>
        {sums.map(([name, label, value]) => (
          <div key={name} data-of={name}>
            <dt>{label}</dt>
            <dd>{value ?? "–"}</dd>
          </div>
        ))}
      </dl>
      <div className="cashier-tools">
        <ToggleButtonGroup
          className="views"
          aria-label={texts.views}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[view]}
          onSelectionChange={(keys) => setView([...keys][0] as View)}
        >
          <ToggleButton id="due">{texts.due}</ToggleButton>
          <ToggleButton id="settled">{texts.settled}</ToggleButton>
        </ToggleButtonGroup>
        <SearchField className="search" aria-label={texts.search} value={typed} onChange={setTyped}>
          <Icon name="search" />
          <Input className="input" placeholder={texts.search} />
        </SearchField>
        <Checkbox className="check" isSelected={allDays} onChange={setAllDays}>
          <span className="box">
            <Icon name="check" />
          </span>
          {texts.allDays}
        </Checkbox>
      </div>
      {source.isError && !source.data ? (
        <div className="notice">
          <p>{app.failed}</p>
          <Button className="button" onPress={() => void source.refetch()}>
            {app.again}
          </Button>
        </div>
      ) : !source.data || !places ? (
        <p className="notice">{app.loading}</p>
      ) : shown.length === 0 ? (
        <p className="notice">
          {list.length > 0 ? texts.nothingFound : view === "due" ? texts.nothingDue : texts.nothingSettled}
        </p>
      ) : (
        <ul className="dues">
          {shown.map((one) => (
            <DueRow key={one.payment.id} due={one} onAsk={setOpen} />
          ))}
        </ul>
      )}
      {source.data?.more && <p className="empty">{texts.more}</p>}
      {open?.ask === "take" && <TakeWindow due={open.due} onClose={() => setOpen(undefined)} onTaken={setOpen} />}
      {open?.ask === "refund" && <RefundWindow due={open.due} onClose={() => setOpen(undefined)} />}
      {open?.ask === "receipt" && <Receipt due={open.due} onClose={() => setOpen(undefined)} />}
    </main>
  );
}
