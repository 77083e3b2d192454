import type { BoardTicket, BoardUpdated } from "@contracts";

/** How many of those who were called before are shown. */
const RECENT = 6;

/** What the board shows, and whom it has to call out. */
export interface Calls {
  /** Called now, the latest first. */
  called: readonly BoardTicket[];
  /** Called before, the latest first; no more than fit on the screen. */
  recent: readonly BoardTicket[];
  inside: readonly BoardTicket[];
  waiting: readonly BoardTicket[];
  /** Called, or called again, by this very picture. */
  fresh: readonly BoardTicket[];
}

/**
 * The board after a picture. Whoever is new among the called, or was called again, is called out, but for those
 * whom a board that has just been switched on finds there.
 */
export function after(before: Calls | undefined, picture: BoardUpdated): Calls {
  const was = new Map(before?.called.map((ticket) => [numberOf(ticket), ticket.called_time]));
  const now = new Map(picture.called.map((ticket) => [numberOf(ticket), ticket]));
  const fresh = picture.called.filter(
    (ticket) => !was.has(numberOf(ticket)) || was.get(numberOf(ticket)) !== ticket.called_time,
  );
  const stayed = (before?.called ?? []).flatMap((ticket) => now.get(numberOf(ticket)) ?? []).filter((ticket) => !fresh.includes(ticket));
  const waits = new Set(picture.waiting.map(numberOf));
  const left = (before?.called ?? []).filter((ticket) => !now.has(numberOf(ticket)));
  const recent = [...left, ...(before?.recent ?? [])].filter(
    (ticket, place, all) =>
      // Who is called again is above, who went back to waiting was not seen; nobody is there twice.
      !now.has(numberOf(ticket)) &&
      !waits.has(numberOf(ticket)) &&
      all.findIndex((other) => numberOf(other) === numberOf(ticket)) === place,
  );
  return {
    called: [...[...fresh].reverse(), ...stayed],
    recent: recent.slice(0, RECENT),
    inside: picture.in_progress,
    waiting: picture.waiting,
    fresh: before ? fresh : [],
  };
}

function numberOf(ticket: BoardTicket): number {
  return ticket.queue_number;
}
