import { io } from "socket.io-client";

import type { BridgeStatus, Connected, Entered, NotEntered } from "@contracts";

import { Cursor, keyOf, type Place } from "./cursor";
import { Hearers } from "./hearers";
import type { EventName, Events, Options, Realtime, Room, Stamp, State } from "./types";

/** How each kind of room is joined, left and named. */
const ROOMS = {
  clinic: { join: "join_queue_room", leave: "leave_queue_room", field: "clinic_id" },
  doctor: { join: "join_doctor_room", leave: "leave_doctor_room", field: "doctor_id" },
  board: { join: "join_board_room", leave: "leave_board_room", field: "clinic_id" },
} as const;

/** Milliseconds after which a bridge that does not answer a join is as good as gone. */
const ANSWER = 20_000;

/** The most milliseconds between tries where the line is cut, and where the bridge refuses the token. */
const MOST = { cut: 5_000, refused: 30_000 };

/** Milliseconds until a room that was refused is asked for again. */
const REFUSED = 5_000;

/** A room that somebody wants to be in. */
interface Wanted {
  room: Room;
  by: number;
  /** Whether this screen has been in it, so that what it missed there can be asked for. */
  known: boolean;
  /** How this connection stands with it. */
  now: "out" | "asked" | "in" | "refused";
}

/** Connect to the bridge, and come back to it, until closed. */
export function connect({ url = "", token, jitter = 2_000, retry: pause = 500 }: Options): Realtime {
  const cursor = new Cursor();
  const wanted = new Map<string, Wanted>();
  const heard = new Map<string, Hearers<[never, Stamp]>>();
  const gaps = new Hearers<[]>();
  const changed = new Hearers<[]>();
  const timers = new Set<ReturnType<typeof setTimeout>>();

  /** The number of this connection, so that answers to an earlier one are known. */
  let connection = 0;
  let attempts = 0;
  /** The place that every room of this connection resumes from. */
  let resume: Place | undefined;
  let welcomed = false;
  /** Every room is back, and pages know of what could not be. */
  let settled = false;
  let bridgeLive = true;
  let gap: "none" | "first" | "missed" = "first";
  let refusals = 0;
  let closed = false;
  let state: State = "offline";
  let newest: number | undefined;

  const socket = io(url, {
    multiplex: false,
    autoConnect: false,
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    reconnectionDelay: pause,
    reconnectionDelayMax: MOST.cut,
    auth: (give) => void introduce(give),
  });

  async function introduce(give: (auth: object) => void): Promise<void> {
    const attempt = ++attempts;
    try {
      const fresh = await token();
      if (attempt === attempts) {
        resume = cursor.place();
        give({ token: fresh, cursor: true, ...resume });
      }
    } catch {
      if (attempt === attempts) {
        retry();
      }
    }
  }

  function later(delay: number, act: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, delay);
    timers.add(timer);
  }

  /** Try again by ourselves where socket.io-client does not: it takes a refusal for the last word. */
  function retry(): void {
    const delay = Math.min(MOST.refused, 2 * pause * 2 ** refusals);
    refusals += 1;
    socket.disconnect();
    later(delay * (0.5 + Math.random() / 2), () => {
      if (!closed) {
        socket.connect();
      }
    });
  }

  function look(): void {
    const ready = settled && bridgeLive && [...wanted.values()].every(({ now }) => now !== "refused");
    const next: State = !welcomed ? "offline" : ready ? "live" : "catching_up";
    if (next !== state) {
      state = next;
      changed.tell();
    }
  }

  function welcome({ epoch, seq, recovered }: Connected): void {
    welcomed = true;
    refusals = 0;
    if (!cursor.opened(epoch ?? "", seq ?? 0)) {
      // Another stream: nothing can be resumed in it.
      resume = undefined;
    }
    if (recovered === false && gap === "none") {
      gap = "missed";
    }
    for (const entry of wanted.values()) {
      enter(entry);
    }
    settle();
  }

  function enter(entry: Wanted): void {
    const { room } = entry;
    const { join, field } = ROOMS[room.kind];
    const asked = connection;
    const place = entry.known ? resume : undefined;
    entry.now = "asked";
    socket
      .timeout(ANSWER)
      .emit(join, { [field]: room.id, ...place }, (late: Error | null, answer: Entered | NotEntered) => {
        if (asked !== connection) {
          return;
        }
        if (late) {
          socket.disconnect().connect();
          return;
        }
        answered(entry, answer);
      });
  }

  function answered(entry: Wanted, answer: Entered | NotEntered): void {
    if (entry.by === 0) {
      forget(entry); // nobody wants it any more
    } else if (!answer.ok) {
      entry.now = "refused";
      later(REFUSED, () => {
        if (entry.now === "refused" && entry.by > 0 && welcomed) {
          enter(entry);
        }
      });
    } else {
      entry.now = "in";
      cursor.entered(entry.room, answer.seq, answer.recovered);
      if (!answer.recovered) {
        gap = entry.known || gap === "missed" ? "missed" : "first";
      }
      entry.known = true;
    }
    settle();
  }

  function forget({ room, now }: Wanted): void {
    wanted.delete(keyOf(room));
    if (now === "in" || now === "asked") {
      const { leave, field } = ROOMS[room.kind];
      socket.emit(leave, { [field]: room.id });
    }
  }

  /** When every room has answered, the cursor moves on, and pages hear of a gap. */
  function settle(): void {
    if (welcomed && [...wanted.values()].every(({ now }) => now === "in" || now === "refused")) {
      cursor.settle();
      const [asked, wait] = [connection, gap === "missed" ? Math.random() * jitter : 0];
      if (gap === "none") {
        settled = true;
      } else {
        later(wait, () => {
          if (asked === connection && gap !== "none") {
            gap = "none";
            gaps.tell();
            settled = true;
            look();
          }
        });
      }
    }
    look();
  }

  function hear(name: string, payload: unknown, stamp: Stamp | undefined): void {
    if (stamp === undefined || !cursor.isNew(name, payload, stamp)) {
      return;
    }
    heard.get(name)?.tell(payload as never, stamp);
    const at = stamp.at === undefined ? Number.NaN : Date.parse(stamp.at);
    if (at > (newest ?? 0)) {
      newest = at;
      changed.tell();
    }
  }

  socket.on("connect", () => {
    connection += 1;
    bridgeLive = true;
  });
  socket.on("connected", welcome);
  socket.on("bridge_status", (status: BridgeStatus) => {
    bridgeLive = status.state === "live";
    look();
  });
  socket.on("auth_expiring", () => {
    void Promise.resolve()
      .then(token)
      .then(
        (fresh) => socket.emit("auth_refresh", { token: fresh }),
        () => undefined, // the connection ends, and the next one asks again
      );
  });
  socket.onAny(hear);
  socket.on("disconnect", (reason) => {
    connection += 1;
    welcomed = settled = false;
    cursor.lost();
    for (const [key, entry] of wanted) {
      entry.now = "out";
      if (entry.by === 0) {
        wanted.delete(key);
      }
    }
    look();
    if (reason === "io server disconnect") {
      retry();
    }
  });
  socket.on("connect_error", () => {
    if (!socket.active) {
      retry();
    }
  });
  socket.connect();

  return {
    join(room) {
      const key = keyOf(room);
      const entry = wanted.get(key) ?? { room, by: 0, known: false, now: "out" };
      wanted.set(key, entry);
      entry.by += 1;
      if (welcomed && entry.now === "out") {
        enter(entry);
      }
      let joined = true;
      return () => {
        if (!joined) {
          return;
        }
        joined = false;
        entry.by -= 1;
        if (entry.by === 0 && entry.now !== "asked") {
          forget(entry);
          settle();
        }
      };
    },
    on<E extends EventName>(event: E, listen: (payload: Events[E], stamp: Stamp) => void) {
      const hearers = heard.get(event) ?? new Hearers<[never, Stamp]>();
      heard.set(event, hearers);
      return hearers.add(listen as (payload: never, stamp: Stamp) => void);
    },
    onGap: (fetchAnew) => gaps.add(fetchAnew),
    state: () => state,
    lastChange: () => newest,
    subscribe: (listen) => changed.add(listen),
    close() {
      closed = true;
      timers.forEach(clearTimeout);
      socket.disconnect();
    },
  };
}
