import type { Room, Stamp } from "./types";

/** A place in the stream of an epoch. */
export interface Place {
  since: number;
  epoch: string;
}

/** A room as a key. */
export function keyOf(room: Room): string {
  return `${room.kind}:${room.id}`;
}

/**
 * Where in the stream this screen is, and so which events are new to it.
 *
 * While a return is under way, the rooms come back one by one, each with its own missed events: `seq` may
 * jump back, and what was heard is remembered one by one. The place to resume from stays where it was until
 * every room is back; then it is the newest that was heard. Pictures (whole queues) have a place of their own
 * for each room, because a newcomer is shown the last one, however old.
 */
export class Cursor {
  private epoch: string | undefined;
  private since = 0;
  private settled = false;
  private newest = 0;
  private readonly heard = new Set<number>();
  private readonly pictures = new Map<string, number>();

  /** What to resume from; nothing before the first connection. */
  place(): Place | undefined {
    return this.epoch === undefined ? undefined : { since: this.since, epoch: this.epoch };
  }

  /** The bridge says where the stream is; false when that is not the one this cursor has a place in. */
  opened(epoch: string, seq: number): boolean {
    const same = this.epoch === epoch && this.since <= seq;
    if (!same) {
      this.epoch = epoch;
      this.since = 0;
      this.heard.clear();
      this.pictures.clear();
    }
    this.newest = seq; // of this connection: another bridge may be behind the one before
    return same;
  }

  /** A room is entered at this place; without recovery the picture that follows counts, however old. */
  entered(room: Room, seq: number, recovered: boolean): void {
    this.newest = Math.max(this.newest, seq);
    if (!recovered) {
      this.pictures.delete(keyOf(room));
    }
  }

  /** Every room is back: from here on events come in their order. */
  settle(): void {
    this.settled = true;
    this.since = this.newest;
    for (const seq of this.heard) {
      if (seq <= this.since) {
        this.heard.delete(seq);
      }
    }
  }

  /** The connection is lost: the way back starts here. */
  lost(): void {
    this.settled = false;
  }

  /** Whether an event is new to this screen; asked once for each. */
  isNew(name: string, payload: unknown, stamp: Stamp): boolean {
    const pictured = picturedBy(name, payload);
    const before = pictured === undefined ? this.since : (this.pictures.get(pictured) ?? -1);
    if (stamp.seq <= before || (pictured === undefined && this.heard.has(stamp.seq))) {
      return false;
    }
    this.newest = Math.max(this.newest, stamp.seq);
    if (pictured !== undefined) {
      this.pictures.set(pictured, stamp.seq);
    } else if (!this.settled) {
      this.heard.add(stamp.seq);
    }
    if (this.settled) {
      this.since = this.newest;
    }
    return true;
  }
}

/** The room that an event is a whole picture of. */
function picturedBy(name: string, payload: unknown): string | undefined {
  const { clinic_id, doctor_id } = payload as { clinic_id?: number; doctor_id?: number };
  switch (name) {
    case "queue_updated":
      return doctor_id === undefined ? `clinic:${clinic_id}` : `doctor:${doctor_id}`;
    case "board_updated":
      return `board:${clinic_id}`;
    default:
      return undefined;
  }
}
