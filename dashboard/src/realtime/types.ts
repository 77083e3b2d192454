import type { EventName, Events } from "@contracts";

/** Whether a screen shows what is so now, what was so a moment ago, or what was so when the line was lost. */
export type State = "live" | "catching_up" | "offline";

/** What the system adds to an event: its place in the stream, the clinic's revision, when it was made, its id. */
export interface Stamp {
  seq: number;
  rev?: number;
  at?: string;
  id?: string;
}

/** A room of the bridge: a clinic's staff, a doctor's screen, a waiting room's board. */
export type Room = { kind: "clinic" | "doctor" | "board"; id: number };

export type { EventName, Events };

/** One line to the bridge, shared by every page. */
export interface Realtime {
  /** Be in a room until the answer is called; several may ask for the same one. */
  join(room: Room): () => void;
  on<E extends EventName>(event: E, hear: (payload: Events[E], stamp: Stamp) => void): () => void;
  /** Called when something may have been missed for good: fetch anew what events were kept up to date. */
  onGap(fetchAnew: () => void): () => void;
  state(): State;
  /** When the newest change heard of was made, in milliseconds since 1970. */
  lastChange(): number | undefined;
  /** Called when `state` or `lastChange` has another answer. */
  subscribe(changed: () => void): () => void;
  close(): void;
}

/** How to connect; times are in milliseconds. */
export interface Options {
  url?: string;
  /** Asked for a fresh one at each connection. */
  token: () => string | Promise<string>;
  /** Over how long many screens spread their fetching anew after a gap. */
  jitter?: number;
  /** How long the first try to come back waits; later ones wait longer. */
  retry?: number;
}
