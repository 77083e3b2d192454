import { memo } from "react";
import { Button } from "react-aria-components";

import { useFormats } from "../i18n/language";
import type { Due } from "./dues";
import { useCashierTexts } from "./texts";

/** What a row asks for. */
export interface Asks {
  ask: "take" | "refund" | "receipt";
  due: Due;
}

interface Props {
  due: Due;
  /** Shown among what is to be paid, not among what was. */
  payable: boolean;
  onAsk(asks: Asks): void;
}

/** One payment: who, what for, how much of it is in, and what can be done. */
export const DueRow = memo(function DueRow({ due, payable, onAsk }: Props) {
  const texts = useCashierTexts();
  const formats = useFormats();
  const { payment, place, ticket } = due;
  const name = due.name || texts.unknown;
  const open = payable && (payment.status === "pending" || payment.status === "partially_paid");
  const taken = payment.status === "partially_paid" || payment.status === "paid";
  return (
    <li className="card due" data-place={place} data-status={payment.status}>
      <span className="due-ticket">
        {ticket !== undefined && (
          <>
            <span className="said">{texts.ticket(ticket)}</span>
            <span aria-hidden="true">{formats.number(ticket)}</span>
          </>
        )}
      </span>
      <div className="due-who">
        <strong>{name}</strong>
        <small>{[payment.visit.service?.name, payment.visit.doctor?.name].filter(Boolean).join(" · ")}</small>
      </div>
      <p className="due-place">
        {place && <span className="chip">{texts.places[place]}</span>}
        {payment.status !== "pending" && (
          <span className="chip" data-status={payment.status}>
            {texts.statuses[payment.status]}
          </span>
        )}
      </p>
      <div className="due-more">
        {taken && (
          <>
            <Button
              className="button small quiet"
              aria-label={texts.refundTo(name)}
              onPress={() => onAsk({ ask: "refund", due })}
            >
              {texts.refund}
            </Button>
            <Button
              className="button small"
              aria-label={texts.receiptOf(name)}
              onPress={() => onAsk({ ask: "receipt", due })}
            >
              {texts.receipt}
            </Button>
          </>
        )}
      </div>
      <p className="due-amount">
        <b>{formats.money(open ? payment.remaining_amount : payment.amount_paid)}</b>
        <small>
          {open
            ? payment.status === "pending"
              ? texts.remaining
              : `${texts.paid} ${formats.money(payment.amount_paid)}`
            : payment.payment_method && texts.methods[payment.payment_method]}
        </small>
      </p>
      {open && (
        <Button className="button small primary" aria-label={texts.takeFrom(name)} onPress={() => onAsk({ ask: "take", due })}>
          {texts.take}
        </Button>
      )}
    </li>
  );
});
