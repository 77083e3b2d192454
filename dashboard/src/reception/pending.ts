import type { VisitStatus } from "@contracts";

import { isShown, SHOWN, type Card, type Lists, type Shown } from "./cards";

/**
 * A move that the person made and the server's picture does not show yet.
 *
 * It holds while the card is older than the version that the server answered with; until the answer that is
 * every version. A refused one is dropped, and the card is where it was.
 */
export interface Pending {
  key: number;
  visit: number;
  to: VisitStatus;
  /** The place in the line, 1 is the first; the last one without it. */
  position?: number | undefined;
  at: string;
  until: number;
}

/** The day as it will be when what is pending is done. */
export function withPending(lists: Lists, pending: readonly Pending[]): Lists {
  if (pending.length === 0) {
    return lists;
  }
  const next = Object.fromEntries(SHOWN.map((status) => [status, [...lists[status]]])) as Record<Shown, Card[]>;
  for (const move of pending) {
    apply(next, move);
  }
  return next;
}

function apply(lists: Record<Shown, Card[]>, move: Pending): void {
  for (const status of SHOWN) {
    const index = lists[status].findIndex(({ id }) => id === move.visit);
    const card = lists[status][index];
    if (!card) {
      continue;
    }
    if (card.version < move.until) {
      lists[status].splice(index, 1);
      if (isShown(move.to)) {
        const line = lists[move.to];
        line.splice(placeIn(line, move), 0, moved(card, move));
      }
    }
    return;
  }
}

function placeIn(line: readonly Card[], { to, position }: Pending): number {
  if (to === "completed") {
    return 0; // the newest first
  }
  return position === undefined ? line.length : Math.min(position - 1, line.length);
}

function moved(card: Card, { to, at, until }: Pending): Card {
  return {
    ...card,
    status: to,
    arrived: to === "scheduled" ? null : (card.arrived ?? at),
    started: to === "in_progress" ? at : to === "completed" ? card.started : null,
    ended: to === "completed" ? at : null,
    moving: until === Infinity,
  };
}

/** What still matters: a picture that shows a move has made it the past. */
export function stillPending(lists: Lists, pending: readonly Pending[]): readonly Pending[] {
  const versions = new Map(SHOWN.flatMap((status) => lists[status].map(({ id, version }) => [id, version])));
  const left = pending.filter(
    ({ visit, until }) => until === Infinity || (versions.get(visit) ?? Infinity) < until,
  );
  return left.length === pending.length ? pending : left;
}
