import { Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "react-aria-components";

import { later } from "../app/later";
import { useSignedIn } from "../app/signedIn";
import { useAppTexts } from "../app/texts";
import { Calls } from "./Calls";
import { isShown, type Card } from "./cards";
import { Column, COLUMNS, type ColumnName } from "./Column";
import { Counters } from "./Counters";
import { ASKED, moveTo, type MoveName } from "./moves";
import { useReceptionTexts } from "./texts";
import { Toolbar } from "./Toolbar";
import { found, useDay } from "./useDay";
import type { Asks, Toward } from "./VisitCard";

import "./reception.css";

const BookingWindow = later(() => import("./BookingWindow"));
const ReasonWindow = later(() => import("./ReasonWindow"));
const WalkInWindow = later(() => import("./WalkInWindow"));

type Open = "walk-in" | "booking" | { move: "cancel" | "skip"; card: Card } | undefined;

/** The desk's page: the day as a board. */
export default function Reception() {
  const day = useDay();
  const { session } = useSignedIn();
  const texts = useReceptionTexts();
  const app = useAppTexts();
  const [open, setOpen] = useState<Open>();
  const [doctor, setDoctor] = useState<string | null>(null);
  const [typed, setTyped] = useState("");
  const { lists, moves } = day;
  const { move } = moves;
  // What a card asks for is answered by the day as it is then; the functions stay the same.
  const now = useRef(lists);
  now.current = lists;

  const asks = useMemo<Asks>(
    () => ({
      move(name: MoveName, card: Card) {
        if (name === "cancel" || name === "skip") {
          setOpen({ move: name, card });
        } else {
          move(name, card);
        }
      },
      shift(card: Card, toward: Toward) {
        const line = now.current.waiting;
        const place = line.findIndex(({ id }) => id === card.id) + 1;
        const wanted = { first: 1, up: place - 1, down: place + 1, last: line.length }[toward];
        const position = Math.min(Math.max(wanted, 1), line.length);
        if (position !== place) {
          move("reorder", card, { position });
        }
      },
    }),
    [move],
  );

  const put = useCallback(
    (id: number, column: ColumnName, before: number | undefined) => {
      const card = Object.values(now.current)
        .flat()
        .find((one) => one.id === id);
      const name = card && isShown(card.status) ? moveTo(card.status, column, session.role) : undefined;
      if (!card || !name || card.moving || ASKED.includes(name)) {
        return;
      }
      if (name !== "reorder") {
        move(name, card);
        return;
      }
      const others = now.current.waiting.filter((one) => one.id !== id);
      const index = others.findIndex((one) => one.id === before);
      const place = now.current.waiting.findIndex((one) => one.id === id) + 1;
      const position = index < 0 ? others.length + 1 : index + 1;
      if (position !== place && before !== id) {
        move(name, card, { position });
      }
    },
    [move, session.role],
  );

  const undo = useRef(moves.undo);
  undo.current = moves.undo;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea");
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !typing && undo.current) {
        event.preventDefault();
        undo.current.act();
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);

  const shown = useMemo(() => found(lists, doctor, typed), [lists, doctor, typed]);
  const inLine = useMemo(() => [...shown.called, ...shown.waiting], [shown.called, shown.waiting]);
  const cards = { ...shown, waiting: inLine };
  const close = () => setOpen(undefined);

  if (day.loading) {
    return (
      <main className="notice">
        <p>{day.failed ? app.failed : app.loading}</p>
        {day.failed && (
          <Button className="button" onPress={day.again}>
            {app.again}
          </Button>
        )}
      </main>
    );
  }
  return (
    <main className="reception fills">
      <Counters {...day.numbers} />
      <Toolbar
        lists={lists}
        moves={moves}
        doctor={doctor}
        onDoctor={setDoctor}
        typed={typed}
        onType={setTyped}
        onWalkIn={() => setOpen("walk-in")}
        onBook={() => setOpen("booking")}
      />
      <div className="board" role="group" aria-label={texts.board}>
        {COLUMNS.map((name) => (
          <Column key={name} name={name} cards={cards[name]} asks={asks} onPut={put} />
        ))}
      </div>
      <Calls called={lists.called} />
      <Suspense>
        {open === "walk-in" && <WalkInWindow onClose={close} />}
        {open === "booking" && <BookingWindow day={day.date ?? ""} onClose={close} />}
        {typeof open === "object" && (
          <ReasonWindow
            move={open.move}
            card={open.card}
            onClose={close}
            onReason={(reason) => {
              move(open.move, open.card, { reason });
              close();
            }}
          />
        )}
      </Suspense>
    </main>
  );
}
