import { memo } from "react";
import { Button } from "react-aria-components";

import type { VisitStatus } from "@contracts";

import { Elapsed } from "../app/controls/Elapsed";
import { Icon } from "../app/controls/Icon";
import { MenuButton } from "../app/controls/MenuButton";
import { useHere, useSignedIn } from "../app/signedIn";
import { useFormats } from "../i18n/language";
import type { Card } from "./cards";
import { movesOf, type MoveName } from "./moves";
import { useReceptionTexts } from "./texts";

/** A place in the line, as the menu offers it. */
export type Toward = "first" | "up" | "down" | "last";

const TOWARD: readonly Toward[] = ["first", "up", "down", "last"];

/** What is done next, as a rule; it has a button of its own. */
const LIKELIEST: Partial<Record<VisitStatus, MoveName>> = {
  scheduled: "check_in",
  waiting: "call",
  called: "start",
  in_progress: "complete",
};

/** What a card's buttons ask for; the same functions for every card, so that cards are drawn for themselves only. */
export interface Asks {
  move(move: MoveName, card: Card): void;
  shift(card: Card, toward: Toward): void;
}

/** One visit: who, what for, since when, and what can be done. */
export const VisitCard = memo(function VisitCard({ card, asks }: { card: Card; asks: Asks }) {
  const { session } = useSignedIn();
  const texts = useReceptionTexts();
  const allowed = movesOf(card.status, session.role).filter((move) => move !== "reorder");
  const primary = allowed.find((move) => move === LIKELIEST[card.status]);
  const menu = allowed.filter((move) => move !== primary);
  return (
    <article className="visit" data-status={card.status} data-moving={card.moving || undefined}>
      <span className="visit-ticket">
        <Ticket card={card} />
      </span>
      <div className="visit-who">
        <strong dir="auto">{card.name}</strong>
        <small dir="auto">
          {card.doctor} · {card.service}
        </small>
      </div>
      <Button slot="drag" className="icon-button small grip" aria-label={texts.drag(card.name)}>
        <Icon name="grip" />
      </Button>
      <div className="visit-foot">
        <p className="visit-when">
          <When card={card} />
        </p>
        <div className="visit-acts">
          {primary && (
            <Button
              className={`button small ${card.status === "called" || card.status === "waiting" ? "primary" : ""}`}
              onPress={() => asks.move(primary, card)}
              isDisabled={card.moving}
            >
              {texts.moves[primary]}
            </Button>
          )}
          {(menu.length > 0 || card.status === "waiting") && (
            <MenuButton
              className="icon-button small"
              label={texts.more(card.name)}
              isDisabled={card.moving}
              offers={[
                ...menu.map((move) => ({
                  key: move,
                  text: texts.moves[move],
                  danger: move === "cancel",
                  act: () => asks.move(move, card),
                })),
                ...(card.status === "waiting" ? TOWARD : []).map((toward) => ({
                  key: toward,
                  text: texts[toward],
                  act: () => asks.shift(card, toward),
                })),
              ]}
            >
              <Icon name="more" />
            </MenuButton>
          )}
        </div>
      </div>
    </article>
  );
});

function Ticket({ card }: { card: Card }) {
  const texts = useReceptionTexts();
  const formats = useFormats();
  const { zone } = useHere();
  if (card.ticket !== null) {
    return (
      <>
        <span className="said">{texts.ticket(card.ticket)}</span>
        <b aria-hidden="true">{formats.number(card.ticket)}</b>
      </>
    );
  }
  return card.booked ? <time dateTime={card.booked}>{formats.time(card.booked, zone)}</time> : <b>–</b>;
}

/** The moment that matters in a card's column. */
function When({ card }: { card: Card }) {
  const texts = useReceptionTexts();
  const formats = useFormats();
  const { zone } = useHere();
  const at = (moment: string) => formats.time(moment, zone);
  switch (card.status) {
    case "scheduled":
      return card.notes ? (
        <small dir="auto" title={card.notes}>
          {card.notes}
        </small>
      ) : (
        <bdi dir="ltr">{card.phone}</bdi>
      );
    case "called":
    case "waiting":
      return (
        <>
          {card.status === "called" && <span className="tag">{texts.isCalled}</span>}
          {card.arrived && <Elapsed since={card.arrived} />}
          {card.type === "walk_in" ? (
            <small>{texts.walkedIn}</small>
          ) : (
            card.booked && <small>{texts.bookedAt(at(card.booked))}</small>
          )}
        </>
      );
    case "in_progress":
      return card.started && <span>{texts.since(at(card.started))}</span>;
    default:
      return card.ended && <span>{texts.seenAt(at(card.ended))}</span>;
  }
}
