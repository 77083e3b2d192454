import { useState } from "react";
import { Button, Input, Label, NumberField, Radio, RadioGroup } from "react-aria-components";

import type { PaymentMethod } from "@contracts";

import { Window } from "../app/controls/Window";
import { tell } from "../app/toasts";
import { useAppTexts } from "../app/texts";
import { useFormats } from "../i18n/language";
import type { Asks } from "./DueRow";
import type { Due } from "./dues";
import { major, minor, wrongWith } from "./money";
import { useCashierTexts } from "./texts";
import { useMoney } from "./useMoney";

const METHODS: readonly PaymentMethod[] = ["cash", "visa", "bank_transfer"];

interface Props {
  due: Due;
  onClose(): void;
  onTaken(receipt: Asks): void;
}

/** Money for a payment, the whole or a part of it; afterwards its receipt. */
export function TakeWindow({ due, onClose, onTaken }: Props) {
  const app = useAppTexts();
  const texts = useCashierTexts();
  const formats = useFormats();
  const { payment } = due;
  const name = due.name || texts.unknown;
  const remaining = minor(payment.remaining_amount);
  const [discount, setDiscount] = useState(0);
  const [typed, setTyped] = useState<number>();
  const [method, setMethod] = useState<PaymentMethod>("cash");
  const money = useMoney(payment);
  // Until somebody says otherwise, all that is left after the discount is paid.
  const amount = typed ?? Math.max(0, remaining - discount);
  const wrong = wrongWith(remaining, amount, discount);

  async function take(): Promise<void> {
    const wish = {
      do: "process",
      amount_paid: major(amount),
      discount_amount: major(discount),
      payment_method: method,
    } as const;
    const taken = await money.ask(wish);
    if (taken) {
      tell({ tone: "done", title: texts.taken(formats.money(major(amount)), name) });
      onTaken({ ask: "receipt", due: { ...due, payment: taken } });
    }
  }

  return (
    <Window title={texts.takeFrom(name)} isOpen onClose={onClose}>
      <dl className="bill">
        <Line label={texts.total} amount={payment.total_amount} />
        {payment.discount_amount > 0 && <Line label={texts.discount} amount={-payment.discount_amount} />}
        {payment.amount_paid > 0 && <Line label={texts.paid} amount={-payment.amount_paid} />}
        <Line label={texts.remaining} amount={payment.remaining_amount} strong />
      </dl>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!wrong) {
            void take();
          }
        }}
      >
        <div className="pair">
          <Amount label={texts.amount} value={amount} onChange={setTyped} autoFocus />
          <Amount label={texts.discount} value={discount} onChange={setDiscount} />
        </div>
        <RadioGroup className="field methods" value={method} onChange={(value) => setMethod(value as PaymentMethod)}>
          <Label>{texts.method}</Label>
          <div className="method-list">
            {METHODS.map((one) => (
              <Radio key={one} value={one} className="method">
                {texts.methods[one]}
              </Radio>
            ))}
          </div>
        </RadioGroup>
        <p className="afterwards" role={wrong ? "alert" : undefined} data-wrong={wrong}>
          {wrong ? (
            texts[wrong]
          ) : (
            <>
              {texts.afterwards} <b>{formats.money(major(remaining - amount - discount))}</b>
            </>
          )}
        </p>
        <div className="buttons">
          <Button className="button" onPress={onClose}>
            {app.cancel}
          </Button>
          {/* Not held back by what is wrong: the press itself ends the typing that puts it right. */}
          <Button className="button primary" type="submit" isDisabled={money.busy}>
            {texts.take}
          </Button>
        </div>
      </form>
    </Window>
  );
}

function Line({ label, amount, strong = false }: { label: string; amount: number; strong?: boolean }) {
  const formats = useFormats();
  return (
    <div data-strong={strong || undefined}>
      <dt>{label}</dt>
      <dd>{formats.money(amount)}</dd>
    </div>
  );
}

interface AmountProps {
  label: string;
  /** In minor units. */
  value: number;
  onChange(value: number): void;
  autoFocus?: boolean;
}

function Amount({ label, value, onChange, autoFocus = false }: AmountProps) {
  return (
    <NumberField
      className="field"
      value={major(value)}
      onChange={(amount) => onChange(Number.isNaN(amount) ? 0 : minor(amount))}
      minValue={0}
      step={0.01}
      formatOptions={{ minimumFractionDigits: 2, maximumFractionDigits: 2 }}
      isWheelDisabled
      autoFocus={autoFocus}
    >
      <Label>{label}</Label>
      <Input className="input amount" />
    </NumberField>
  );
}
