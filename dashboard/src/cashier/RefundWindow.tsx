import { Button } from "react-aria-components";

import { Window } from "../app/controls/Window";
import { tell } from "../app/toasts";
import { useAppTexts } from "../app/texts";
import { useFormats } from "../i18n/language";
import type { Due } from "./dues";
import { useCashierTexts } from "./texts";
import { useMoney } from "./useMoney";

/** Asks before money goes back. */
export function RefundWindow({ due, onClose }: { due: Due; onClose(): void }) {
  const app = useAppTexts();
  const texts = useCashierTexts();
  const amount = useFormats().money(due.payment.amount_paid);
  const name = due.name || texts.unknown;
  const money = useMoney(due.payment);

  async function refund(): Promise<void> {
    if (await money.ask({ do: "refund" })) {
      tell({ tone: "done", title: texts.refunded(amount, name) });
      onClose();
    }
  }

  return (
    <Window title={texts.refundTo(name)} isOpen onClose={onClose}>
      <p>{texts.refundTold(amount, name)}</p>
      <div className="buttons">
        <Button className="button" autoFocus onPress={onClose}>
          {app.cancel}
        </Button>
        <Button className="button danger" isDisabled={money.busy} onPress={() => void refund()}>
          {texts.refund}
        </Button>
      </div>
    </Window>
  );
}
