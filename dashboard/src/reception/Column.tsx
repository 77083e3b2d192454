import { memo, useMemo } from "react";
import {
  GridList,
  GridListItem,
  ListLayout,
  useDragAndDrop,
  Virtualizer,
  type DropItem,
  type Key,
} from "react-aria-components";

import { useSignedIn } from "../app/signedIn";
import { useFormats } from "../i18n/language";
import { isShown, SHOWN, type Card, type Shown } from "./cards";
import { moveTo, movesOf } from "./moves";
import { useReceptionTexts } from "./texts";
import { VisitCard, type Asks } from "./VisitCard";

/** The columns of the board; who was called still waits. */
export type ColumnName = Exclude<Shown, "called">;

export const COLUMNS: readonly ColumnName[] = ["scheduled", "waiting", "in_progress", "completed"];

/** The height of a card with the room around it: fixed, so that nothing jumps, and only what is seen is made. */
const LAYOUT = { rowHeight: 98, gap: 8, padding: 8 };

/** A dragged card tells its status by its type: a column knows what it may take before it is dropped. */
const typeOf = (status: Shown) => `application/x-clinicwire-${status}`;

interface Props {
  name: ColumnName;
  cards: readonly Card[];
  asks: Asks;
  /** A card came to be in this column, before another one or at its end. */
  onPut(id: number, column: ColumnName, before: number | undefined): void;
}

/** One column: cards to drag by mouse, by touch, and by keyboard with the handle of each. */
export const Column = memo(function Column({ name, cards, asks, onPut }: Props) {
  const { session } = useSignedIn();
  const texts = useReceptionTexts();
  const formats = useFormats();
  const title = texts.columns[name];

  const accepted = useMemo(
    () => SHOWN.filter((status) => moveTo(status, name, session.role)).map(typeOf),
    [name, session.role],
  );
  const place = (target: { key: Key; dropPosition: string }): number | undefined => {
    const index = cards.findIndex(({ id }) => id === target.key);
    const at = target.dropPosition === "after" ? index + 1 : index;
    return cards.slice(at).find(({ status }) => status === "waiting")?.id;
  };
  const put = async (items: Iterable<DropItem>, before?: number) => {
    for (const item of items) {
      const type = SHOWN.map(typeOf).find((one) => item.kind === "text" && item.types.has(one));
      if (type && item.kind === "text") {
        onPut(Number(await item.getText(type)), name, before);
      }
    }
  };

  const { dragAndDropHooks } = useDragAndDrop<Card>({
    getItems: (_keys, dragged) =>
      dragged.filter(({ status }) => isShown(status)).map((card) => ({
        [typeOf(card.status as Shown)]: String(card.id),
        "text/plain": card.name,
      })),
    isDisabled: movesOf(name, session.role).length === 0,
    acceptedDragTypes: accepted,
    getDropOperation: (target, types) =>
      target.type !== "item" || target.dropPosition !== "on"
        ? accepted.some((type) => types.has(type))
          ? "move"
          : "cancel"
        : "cancel",
    onRootDrop: ({ items }) => void put(items),
    ...(name === "waiting" && {
      onInsert: ({ items, target }) => void put(items, place(target)),
      onReorder: ({ keys, target }) => [...keys].forEach((key) => onPut(Number(key), name, place(target))),
    }),
  });

  return (
    <section className="column" data-of={name} aria-labelledby={`column-${name}`}>
      <h2 id={`column-${name}`}>
        <i aria-hidden="true" />
        {title}
        <span className="column-count">{formats.number(cards.length)}</span>
      </h2>
      <Virtualizer layout={ListLayout} layoutOptions={LAYOUT}>
        <GridList
          className="cards"
          aria-labelledby={`column-${name}`}
          items={cards}
          dragAndDropHooks={dragAndDropHooks}
          keyboardNavigationBehavior="arrow"
          renderEmptyState={() => <p className="empty">{texts.empty[name]}</p>}
        >
          {(card) => (
            <GridListItem className="card visit-item" id={card.id} textValue={card.name}>
              <VisitCard card={card} asks={asks} />
            </GridListItem>
          )}
        </GridList>
      </Virtualizer>
    </section>
  );
});
