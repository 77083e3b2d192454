import { useState } from "react";
import { Button, Form } from "react-aria-components";

import { Field } from "../app/controls/Field";
import { Window } from "../app/controls/Window";
import type { Card } from "./cards";
import { useReceptionTexts } from "./texts";

interface Props {
  move: "cancel" | "skip";
  card: Card;
  onClose(): void;
  onReason(reason: string): void;
}

/** Asks why a visit will not take place. */
export default function ReasonWindow({ move, card, onClose, onReason }: Props) {
  const texts = useReceptionTexts();
  const [reason, setReason] = useState("");
  return (
    <Window title={texts.reasonTitle[move]} isOpen onClose={onClose}>
      <p>{texts.reasonTold[move](card.name)}</p>
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          onReason(reason.trim());
        }}
      >
        <Field label={texts.reason} value={reason} onChange={setReason} maxLength={200} autoFocus />
        <div className="buttons">
          <Button className="button" onPress={onClose}>
            {texts.keep}
          </Button>
          <Button className={`button ${move === "cancel" ? "danger" : "primary"}`} type="submit">
            {texts.moves[move]}
          </Button>
        </div>
      </Form>
    </Window>
  );
}
