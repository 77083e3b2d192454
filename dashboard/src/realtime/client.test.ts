// @vitest-environment node
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Bridge } from "./bridge.fixture";
import { connect } from "./client";
import type { Options, Realtime, Stamp } from "./types";

const CLINIC = { kind: "clinic", id: 1 } as const;
const DOCTOR = { kind: "doctor", id: 2 } as const;

let bridge: Bridge;
let open: Realtime[];

beforeEach(async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  bridge = await Bridge.open();
  open = [];
});

afterEach(async () => {
  open.forEach((realtime) => realtime.close());
  await bridge.close();
  vi.restoreAllMocks();
});

function screen(options: Partial<Options> = {}): Realtime {
  const realtime = connect({ url: bridge.url, token: () => "a token", retry: 20, ...options });
  open.push(realtime);
  return realtime;
}

/** Wait for a state, however short it lasts. */
function until(realtime: Realtime, state: string): Promise<void> {
  return new Promise((reached) => {
    const look = (): void => {
      if (realtime.state() === state) {
        leave();
        reached();
      }
    };
    const leave = realtime.subscribe(look);
    look();
  });
}

/** Cut the line, and wait until the screen has noticed. */
async function cut(realtime: Realtime): Promise<void> {
  const noticed = until(realtime, "offline");
  bridge.cut();
  await noticed;
}

function reasons(realtime: Realtime): string[] {
  const heard: string[] = [];
  realtime.on("visit_cancelled", ({ reason }) => void heard.push(reason ?? ""));
  return heard;
}

function cancelled(seq: number, at?: string): void {
  const stamp: Stamp = { seq, ...(at ? { at } : {}) };
  bridge.say("visit_cancelled", { visit_id: 1, reason: `${seq}`, clinic_id: 1 }, stamp);
}

function queue(seq: number, total: number): [string, object, Stamp] {
  const empty = { waiting: [], called: [], in_progress: [], completed: [] };
  return ["queue_updated", { clinic_id: 1, ...empty, total }, { seq }];
}

describe("a connection", () => {
  test("is live once every room has answered", async () => {
    const realtime = screen();
    const changed = vi.fn();
    realtime.subscribe(changed);
    realtime.join(CLINIC);
    expect(realtime.state()).toBe("offline");
    await until(realtime, "live");
    expect(changed).toHaveBeenCalled();
    expect(bridge.auths).toEqual([{ token: "a token", cursor: true }]);
    expect(bridge.joins).toEqual([{ clinic_id: 1 }]);
  });

  test("takes a fresh token each time", async () => {
    let count = 0;
    const realtime = screen({ token: async () => `token ${++count}` });
    await until(realtime, "live");
    await cut(realtime);
    await until(realtime, "live");
    expect(bridge.auths.map(({ token }) => token)).toEqual(["token 1", "token 2"]);
  });

  test("is tried again when the bridge refuses the token", async () => {
    bridge.refusing = true;
    const realtime = screen();
    await vi.waitFor(() => expect(bridge.auths.length).toBeGreaterThan(1));
    expect(realtime.state()).toBe("offline");
    bridge.refusing = false;
    await until(realtime, "live");
  });

  test("is tried again when no token can be had", async () => {
    let tries = 0;
    const realtime = screen({
      token: () => (++tries === 1 ? Promise.reject(new Error("signed out")) : "a token"),
    });
    await until(realtime, "live");
    expect(bridge.auths).toHaveLength(1);
  });

  test("comes back with its cursor after its session has ended", async () => {
    const realtime = screen();
    await until(realtime, "live");
    const noticed = until(realtime, "offline");
    bridge.end();
    await noticed;
    await until(realtime, "live");
    expect(bridge.auths[1]).toEqual({ token: "a token", cursor: true, since: 100, epoch: "one" });
  });

  test("refreshes a token that is about to expire", async () => {
    let count = 0;
    const realtime = screen({ token: () => `token ${++count}` });
    await until(realtime, "live");
    bridge.say("auth_expiring", {});
    await vi.waitFor(() => expect(bridge.refreshed).toEqual(["token 2"]));
    expect(realtime.state()).toBe("live");
  });

  test("is catching up while the bridge says that it is behind", async () => {
    const realtime = screen();
    await until(realtime, "live");
    bridge.say("bridge_status", { state: "catching_up", lag_ms: 900 });
    await until(realtime, "catching_up");
    bridge.say("bridge_status", { state: "live", lag_ms: 0 });
    await until(realtime, "live");
  });
});

describe("a return", () => {
  test("asks every room for what came after the moment the line was lost", async () => {
    const realtime = screen();
    realtime.join(CLINIC);
    realtime.join(DOCTOR);
    const heard = reasons(realtime);
    await until(realtime, "live");
    cancelled(107);
    await vi.waitFor(() => expect(heard).toEqual(["107"]));
    await cut(realtime);
    bridge.seq = 120;
    bridge.joins.length = 0;
    bridge.onJoin = (asked, answer, socket) => {
      const seq = asked.clinic_id ? 112 : 110;
      socket.emit("visit_cancelled", { visit_id: 1, reason: `${seq}`, clinic_id: 1 }, { seq });
      answer(bridge.entered());
    };
    await until(realtime, "live");
    const place = { since: 107, epoch: "one" };
    expect(bridge.auths[1]).toMatchObject(place);
    expect(bridge.joins).toEqual([
      { clinic_id: 1, ...place },
      { doctor_id: 2, ...place },
    ]);
    expect(heard).toEqual(["107", "112", "110"]);
  });

  test("that breaks off starts from the same place, and nothing is heard twice", async () => {
    const realtime = screen();
    realtime.join(CLINIC);
    realtime.join(DOCTOR);
    const heard = reasons(realtime);
    await until(realtime, "live");
    await cut(realtime);
    bridge.seq = 120;
    bridge.joins.length = 0;
    const answered = bridge.onJoin;
    bridge.onJoin = (asked, answer, socket) => {
      if (asked.clinic_id) {
        socket.emit("visit_cancelled", { visit_id: 1, reason: "115", clinic_id: 1 }, { seq: 115 });
        answer(bridge.entered());
      } else {
        bridge.onJoin = answered;
        socket.conn.close(); // before the doctor's room has answered
      }
    };
    await vi.waitFor(() => expect(bridge.joins).toHaveLength(4));
    await until(realtime, "live");
    expect(bridge.joins[3]).toEqual({ doctor_id: 2, since: 100, epoch: "one" });
    cancelled(115);
    cancelled(121);
    await vi.waitFor(() => expect(heard).toEqual(["115", "121"]));
  });

  test("tells pages of a gap, once, when a room could not be recovered", async () => {
    const realtime = screen();
    const gap = vi.fn();
    realtime.join(CLINIC);
    realtime.join(DOCTOR);
    await until(realtime, "live");
    realtime.onGap(gap);
    await cut(realtime);
    bridge.recovered = false;
    await until(realtime, "live");
    expect(gap).toHaveBeenCalledTimes(1);
  });

  test("spreads the fetching anew of many screens, and is catching up until then", async () => {
    const realtime = screen({ jitter: 400 });
    const gap = vi.fn();
    realtime.join(CLINIC);
    await until(realtime, "live");
    realtime.onGap(gap);
    await cut(realtime);
    bridge.recovered = false;
    vi.mocked(Math.random).mockReturnValue(0.999);
    await until(realtime, "catching_up");
    expect(gap).not.toHaveBeenCalled();
    await until(realtime, "live");
    expect(gap).toHaveBeenCalledTimes(1);
  });

  test("is silent when everything was recovered", async () => {
    const realtime = screen();
    const gap = vi.fn();
    realtime.join(CLINIC);
    await until(realtime, "live");
    realtime.onGap(gap);
    await cut(realtime);
    await until(realtime, "live");
    expect(gap).not.toHaveBeenCalled();
  });

  test("to another stream is a gap, and its lower numbers are new", async () => {
    const realtime = screen();
    const gap = vi.fn();
    realtime.join(CLINIC);
    const heard = reasons(realtime);
    await until(realtime, "live");
    realtime.onGap(gap);
    await cut(realtime);
    Object.assign(bridge, { epoch: "two", seq: 3, recovered: false });
    await until(realtime, "live");
    cancelled(4);
    await vi.waitFor(() => expect(heard).toEqual(["4"]));
    expect(gap).toHaveBeenCalledTimes(1);
    await cut(realtime);
    await vi.waitFor(() => expect(bridge.auths).toHaveLength(3));
    expect(bridge.auths[2]).toMatchObject({ since: 4, epoch: "two" });
  });
});

describe("events", () => {
  test("are heard once, in their order, with their stamp", async () => {
    const realtime = screen();
    const heard = vi.fn();
    realtime.on("visit_cancelled", heard);
    await until(realtime, "live");
    [101, 101, 99, 102].forEach((seq) => cancelled(seq));
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2));
    expect(heard.mock.calls.map(([, stamp]) => stamp.seq)).toEqual([101, 102]);
  });

  test("say when the last change was made", async () => {
    const realtime = screen();
    await until(realtime, "live");
    expect(realtime.lastChange()).toBeUndefined();
    cancelled(101, "2030-01-02T03:04:05+00:00");
    await vi.waitFor(() => expect(realtime.lastChange()).toBe(Date.UTC(2030, 0, 2, 3, 4, 5)));
  });

  test("reach the other hearers when one throws", async () => {
    const report = vi.fn();
    vi.stubGlobal("reportError", report);
    const realtime = screen();
    realtime.on("visit_cancelled", () => {
      throw new Error("a page is broken");
    });
    const heard = reasons(realtime);
    await until(realtime, "live");
    cancelled(101);
    await vi.waitFor(() => expect(heard).toEqual(["101"]));
    expect(report).toHaveBeenCalledTimes(1);
    vi.unstubAllGlobals();
  });

  test("do not come to a hearer that has gone", async () => {
    const realtime = screen();
    const heard = vi.fn();
    const leave = realtime.on("visit_cancelled", heard);
    const others = reasons(realtime);
    await until(realtime, "live");
    leave();
    cancelled(101);
    await vi.waitFor(() => expect(others).toEqual(["101"]));
    expect(heard).not.toHaveBeenCalled();
  });
});

describe("a room", () => {
  test("shows a newcomer its last picture, however old", async () => {
    const realtime = screen();
    const totals: number[] = [];
    realtime.on("queue_updated", ({ total }) => void totals.push(total));
    await until(realtime, "live");
    cancelled(130);
    bridge.onJoin = (_asked, answer, socket) => {
      answer(bridge.entered(false));
      socket.emit(...queue(80, 5));
    };
    const leave = realtime.join(CLINIC);
    await vi.waitFor(() => expect(totals).toEqual([5]));
    leave();
    realtime.join(CLINIC);
    await vi.waitFor(() => expect(totals).toEqual([5, 5]));
    bridge.say(...queue(79, 4)); // older than what is shown
    bridge.say(...queue(131, 6));
    await vi.waitFor(() => expect(totals).toEqual([5, 5, 6]));
  });

  test("is joined once for all who ask, and left by the last", async () => {
    const realtime = screen();
    const [one, other] = [realtime.join(CLINIC), realtime.join(CLINIC)];
    await until(realtime, "live");
    expect(bridge.joins).toHaveLength(1);
    one();
    one();
    realtime.join(DOCTOR);
    await vi.waitFor(() => expect(bridge.joins).toHaveLength(2));
    expect(bridge.leaves).toEqual([]);
    other();
    await vi.waitFor(() => expect(bridge.leaves).toEqual([{ clinic_id: 1 }]));
  });

  test("that is left before it has answered is left then, unless it is wanted again", async () => {
    const realtime = screen();
    await until(realtime, "live");
    let answerNow = () => {};
    bridge.onJoin = (_asked, answer) => {
      answerNow = () => answer(bridge.entered(false));
    };
    realtime.join(CLINIC)();
    realtime.join(CLINIC);
    realtime.join(DOCTOR)();
    await vi.waitFor(() => expect(bridge.joins).toHaveLength(2));
    answerNow();
    await vi.waitFor(() => expect(bridge.leaves).toEqual([{ doctor_id: 2 }]));
  });

  test("is not come back to when it was left meanwhile", async () => {
    const realtime = screen();
    const leave = realtime.join(CLINIC);
    await until(realtime, "live");
    await cut(realtime);
    leave();
    await until(realtime, "live");
    expect(bridge.joins).toHaveLength(1);
  });

  test("that is refused keeps the page from saying that it is live", async () => {
    bridge.onJoin = (_asked, answer) => answer({ ok: false, message: "You may not join this room" });
    const realtime = screen();
    realtime.join(CLINIC);
    await vi.waitFor(() => expect(bridge.joins).toHaveLength(1));
    await until(realtime, "catching_up");
  });

  test("entered for the first time has pages fetch what they had before", async () => {
    const realtime = screen();
    await until(realtime, "live");
    const gap = vi.fn();
    realtime.onGap(gap);
    bridge.onJoin = (_asked, answer) => answer(bridge.entered(false));
    realtime.join(CLINIC);
    await vi.waitFor(() => expect(gap).toHaveBeenCalledTimes(1));
  });
});
