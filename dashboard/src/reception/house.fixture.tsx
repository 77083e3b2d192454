import { act, screen, within } from "@testing-library/react";

import type { QueueUpdated, Visit } from "@contracts";

import type { Role } from "../app/session";
import { Reply, show, type Answer, type Answers, type Asked, type Shown } from "../page.fixture";
import { CLINIC, phases } from "./day.fixture";
import Reception from "./Reception";

const COMMANDS = [
  "POST /queue/call",
  "POST /queue/requeue",
  "POST /queue/start",
  "POST /queue/cancel",
  "POST /queue/checkin",
  "PUT /queue/reorder",
] as const;

/** A clinic before its reception: how the day stands, and how it takes what the page asks. */
export class House {
  queue: QueueUpdated;
  phases = phases();
  revision = 1;
  /** Answers a command; a test may hold it back. */
  onCommand: (asked: Asked) => Answer | Promise<Answer> = () => 500;

  private shown: Shown | undefined;

  constructor(queue: QueueUpdated) {
    this.queue = queue;
  }

  get commands(): Asked[] {
    return (this.shown?.asked ?? []).filter(({ request }) => !request.startsWith("GET"));
  }

  async show(role: Role = "receptionist"): Promise<void> {
    this.shown = await show(Reception, { role }, this.answers());
    await screen.findByRole("group", { name: "The queue" });
  }

  /** A new picture of the queue, which GET answers from now on too; the page has it when this is over. */
  async now(queue: QueueUpdated): Promise<void> {
    if (!this.shown) throw new Error("nobody looks yet");
    const { bridge, realtime } = this.shown;
    this.queue = queue;
    this.revision += 1;
    await act(async () => {
      const heard = new Promise<void>((hear) => realtime.on("queue_updated", () => hear()));
      bridge.say("queue_updated", queue, { seq: 100 + this.revision, rev: this.revision });
      await heard;
    });
  }

  private answers(): Answers {
    const revised = (body: object) => new Reply(body, { revision: this.revision });
    return {
      [`GET /queue/clinic/${CLINIC}`]: () => revised(this.queue),
      [`GET /queue/phases/${CLINIC}`]: () => revised({ phases: this.phases, date: "2026-03-02", clinic_id: CLINIC }),
      [`GET /queue/statistics/${CLINIC}`]: { completed_count: 0, wait_p50_minutes: 7, wait_p90_minutes: 75 },
      "GET /dashboard/stats": { appointments: { total: 12 }, visits: { pending_payment: 3 } },
      [`GET /clinics/${CLINIC}/doctors`]: { doctors: [{ id: 1, name: "Dr. Ada Sample", is_active: true }] },
      ...Object.fromEntries(COMMANDS.map((command) => [command, (_: unknown, asked: Asked) => this.onCommand(asked)])),
    };
  }
}

/** The names on a column's cards, in their order. */
export function namesIn(column: string): string[] {
  const list = screen.getByRole("grid", { name: new RegExp(`^${column}`) });
  return within(list)
    .queryAllByRole("row")
    .flatMap((row) => [...row.querySelectorAll(".visit-who strong")].map((name) => name.textContent ?? ""));
}

/** The card of somebody. */
export function cardOf(name: string): HTMLElement {
  const found = screen.getByText(name).closest("article");
  if (!found) throw new Error(`${name} has no card`);
  return found;
}

/** An answer that comes when the test says so. */
export function later(): { promise: Promise<Answer>; answer(answer: Answer): void } {
  let resolve: (answer: Answer) => void = () => undefined;
  const promise = new Promise<Answer>((done) => (resolve = done));
  return { promise, answer: (answer) => resolve(answer) };
}

export const moved = (visit: Visit): Answer => ({ message: "done", visit });

/** What a number above the board says. */
export function number(label: string): string {
  return screen.getByText(label, { selector: "dt" }).nextElementSibling?.textContent ?? "";
}
