import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Button, Checkbox, Input, SearchField, ToggleButton, ToggleButtonGroup } from "react-aria-components";

import type { PaymentStatus } from "@contracts";

import { phasesQuery, queueQuery, statsQuery } from "../api/queries";
import { useClinicEvents } from "../api/useClinicEvents";
import { Icon } from "../app/controls/Icon";
import { useHere, useSignedIn } from "../app/signedIn";
import { useAppTexts } from "../app/texts";
import { useFormats } from "../i18n/language";
import { DueRow, type Asks } from "./DueRow";
import { duesOf, found, placesOf } from "./dues";
import { paymentsQuery, sumsQuery } from "./queries";
import { Receipt } from "./Receipt";
import { RefundWindow } from "./RefundWindow";
import { TakeWindow } from "./TakeWindow";
import { useCashierTexts } from "./texts";
import { usePaid } from "./usePaid";

import "./cashier.css";

type View = "due" | "settled";

const DUE: readonly PaymentStatus[] = ["pending", "partially_paid"];

/** What came in, also where more is to come. */
const SETTLED: readonly PaymentStatus[] = ["partially_paid", "paid", "refunded"];

/** The cashier's page: who has to pay, and what came in. */
export default function Cashier() {
  const { api } = useSignedIn();
  const { clinic } = useHere();
  const client = useQueryClient();
  const app = useAppTexts();
  const texts = useCashierTexts();
  const formats = useFormats();
  const [view, setView] = useState<View>("due");
  const [allDays, setAllDays] = useState(false);
  const [typed, setTyped] = useState("");
  const [open, setOpen] = useState<Asks>();
  useClinicEvents(clinic);
  usePaid(clinic);
  const queue = useQuery(queueQuery(api, client, clinic)).data?.of;
  const picture = useQuery(phasesQuery(api, client, clinic)).data?.of;
  const [phases, date] = [picture?.phases, picture?.date];
  const stats = useQuery(statsQuery(api, clinic)).data;
  const taken = useQuery(sumsQuery(api, clinic, date)).data;
  const listed = (statuses: readonly PaymentStatus[], wanted: boolean) => ({
    ...paymentsQuery(api, clinic, statuses, allDays ? undefined : date),
    enabled: wanted && date !== undefined,
    placeholderData: keepPreviousData,
  });
  const due = useQuery(listed(DUE, true));
  const settled = useQuery(listed(SETTLED, view === "settled"));

  const places = useMemo(() => queue && phases && placesOf(queue, phases), [queue, phases]);
  const dues = useMemo(() => duesOf(due.data?.payments ?? [], places ?? new Map()), [due.data, places]);
  const done = useMemo(() => duesOf(settled.data?.payments ?? [], places ?? new Map()), [settled.data, places]);

  const list = view === "due" ? dues : done;
  const shown = found(list, typed);
  const source = view === "due" ? due : settled;
  const sums = [
    ["revenue", texts.revenue, taken?.totals.taken, formats.money],
    ["outstanding", texts.outstanding, taken?.totals.pending_amount, formats.money],
    ["paid", texts.paidCount, taken?.by_status.paid, formats.number],
    ["pending", texts.pendingCount, stats?.visits.pending_payment, formats.number],
  ] as const;

  return (
    <main className="cashier">
      <dl className="sums" aria-label={texts.sums}>
        {sums.map(([name, label, value, written]) => (
          <div key={name} data-of={name} data-none={value ? undefined : true}>
            <dt>{label}</dt>
            <dd>{value === undefined ? "–" : written(value)}</dd>
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
        <ul className="dues" data-of={view}>
          {shown.map((one) => (
            <DueRow key={one.payment.id} due={one} payable={view === "due"} onAsk={setOpen} />
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
