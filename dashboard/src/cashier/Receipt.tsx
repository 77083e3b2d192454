import { useQuery } from "@tanstack/react-query";
import { Button } from "react-aria-components";

import { Mark } from "../app/controls/Icon";
import { Window } from "../app/controls/Window";
import { useHere, useSignedIn } from "../app/signedIn";
import { useAppTexts } from "../app/texts";
import { useFormats } from "../i18n/language";
import type { Due } from "./dues";
import { invoiceQuery } from "./queries";
import { useCashierTexts } from "./texts";

/** The invoice of a visit, as it is handed to the patient: printing prints it alone. */
export function Receipt({ due, onClose }: { due: Due; onClose(): void }) {
  const { api } = useSignedIn();
  const { clinic, zone } = useHere();
  const app = useAppTexts();
  const texts = useCashierTexts();
  const formats = useFormats();
  const asked = useQuery(invoiceQuery(api, clinic, due.payment.visit_id));
  const invoice = asked.data;
  const { payment } = invoice ?? due;
  const who = [
    [texts.invoiceNumber, invoice?.invoice_number],
    [texts.date, invoice && `${formats.date(invoice.date, zone)}, ${formats.time(invoice.date, zone)}`],
    [texts.patient, invoice?.patient?.name ?? due.name],
    [texts.doctor, invoice?.doctor?.name],
    [texts.service, invoice?.service?.name],
    [texts.method, payment.payment_method && texts.methods[payment.payment_method]],
  ] as const;
  const sums = [
    [texts.total, payment.total_amount],
    ...(payment.discount_amount > 0 ? [[texts.discount, -payment.discount_amount] as const] : []),
    [texts.paid, payment.amount_paid],
    [texts.remaining, payment.status === "refunded" ? 0 : payment.remaining_amount],
  ] as const;
  return (
    <Window title={texts.receipt} isOpen onClose={onClose}>
      <article className="receipt">
        <header>
          <Mark />
          <div>
            <strong>{invoice?.clinic?.name}</strong>
            <span>{texts.invoice}</span>
          </div>
          {payment.status !== "paid" && <b className="chip">{texts.statuses[payment.status]}</b>}
        </header>
        <dl>
          {who.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value || "–"}</dd>
            </div>
          ))}
        </dl>
        <dl className="bill">
          {sums.map(([label, amount]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{formats.money(amount)}</dd>
            </div>
          ))}
        </dl>
      </article>
      {asked.isError && <p role="alert">{app.failed}</p>}
      <div className="buttons">
        <Button className="button" onPress={onClose}>
          {app.close}
        </Button>
        <Button className="button primary" isDisabled={!invoice} onPress={() => print()}>
          {texts.print}
        </Button>
      </div>
    </Window>
  );
}
