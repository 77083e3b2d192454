import { QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen, within } from "@testing-library/react";
import { vi } from "vitest";

import type { QueueUpdated, Visit } from "@contracts";

import { Api } from "../api/request";
import { queryClient } from "../app/App";
import type { Role } from "../app/session";
import { HereContext, SignedInContext } from "../app/signedIn";
import { Toasts } from "../app/toasts";
import { LanguageProvider } from "../i18n/language";
import type { EventName, Events, Realtime, Stamp } from "../realtime";
import { CLINIC, phases } from "./day.fixture";
import Reception from "./Reception";

interface Asked {
  method: string;
  path: string;
  body: Record<string, unknown> | undefined;
  headers: Record<string, string>;
}

interface Answer {
  status?: number;
  body: object;
}

/** The server and the line to it, as a test has them answer. */
export class House {
  queue: QueueUpdated;
  phases = phases();
  revision = 1;
  pendingPayments = 3;
  readonly asked: Asked[] = [];
  /** Answers a command; a test may hold it back. */
  onCommand: (asked: Asked) => Answer | Promise<Answer> = () => ({ status: 500, body: { message: "unexpected" } });

  private readonly heard = new Map<string, Set<(payload: never, stamp: Stamp) => void>>();
  private seq = 0;

  constructor(queue: QueueUpdated) {
    this.queue = queue;
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => this.answer(url, init));
  }

  get commands(): Asked[] {
    return this.asked.filter(({ method }) => method !== "GET");
  }

  async show(role: Role = "receptionist"): Promise<void> {
    const token = "a token";
    const session = { token, sub: "someone", name: "Some One", role, clinics: [CLINIC], doctorId: undefined };
    const signedIn = { session, api: new Api(token), realtime: this.realtime(), signOut: () => undefined };
    render(
      <LanguageProvider>
        <SignedInContext value={signedIn}>
          <QueryClientProvider client={queryClient()}>
            <HereContext value={{ clinic: CLINIC, name: "Sample Clinic", zone: "UTC" }}>
              <Reception />
            </HereContext>
          </QueryClientProvider>
        </SignedInContext>
        <Toasts />
      </LanguageProvider>,
    );
    await screen.findByRole("group", { name: "The queue" });
  }

  /** An event as the bridge says it. */
  async say<E extends EventName>(event: E, payload: Events[E]): Promise<void> {
    this.seq += 1;
    this.revision += 1;
    const stamp = { seq: this.seq, rev: this.revision };
    await act(async () => this.heard.get(event)?.forEach((hear) => hear(payload as never, stamp)));
  }

  /** A new picture of the queue, which GET answers from now on too. */
  async now(queue: QueueUpdated): Promise<void> {
    this.queue = queue;
    await this.say("queue_updated", queue);
  }

  private async answer(url: string, { method = "GET", headers, body }: RequestInit): Promise<Response> {
    const path = url.replace(/^\/api/, "").replace(/\?.*/, "");
    const asked: Asked = {
      method,
      path,
      headers: headers as Record<string, string>,
      body: typeof body === "string" ? (JSON.parse(body) as Record<string, unknown>) : undefined,
    };
    this.asked.push(asked);
    const answer = method === "GET" ? { body: this.read(path) } : await this.onCommand(asked);
    return new Response(JSON.stringify(answer.body), {
      status: "status" in answer ? (answer.status ?? 200) : 200,
      headers: { ETag: `"of-${this.revision}"` },
    });
  }

  private read(path: string): object {
    if (path.startsWith("/queue/clinic/")) return this.queue;
    if (path.startsWith("/queue/phases/")) return { phases: this.phases, date: "2026-03-02", clinic_id: CLINIC };
    if (path.startsWith("/queue/statistics/"))
      return { completed_count: 0, wait_p50_minutes: 7, wait_p90_minutes: 75 };
    if (path === "/dashboard/stats") return { appointments: { total: 12 }, visits: { pending_payment: this.pendingPayments } };
    if (path.endsWith("/doctors")) return { doctors: [{ id: 1, name: "Dr. Ada Sample", is_active: true }] };
    throw new Error(`no answer to ${path}`);
  }

  private realtime(): Realtime {
    return {
      join: () => () => undefined,
      on: (event, hear) => {
        const hearers = this.heard.get(event) ?? new Set();
        this.heard.set(event, hearers);
        hearers.add(hear as (payload: never, stamp: Stamp) => void);
        return () => hearers.delete(hear as (payload: never, stamp: Stamp) => void);
      },
      onGap: () => () => undefined,
      state: () => "live",
      lastChange: () => undefined,
      subscribe: () => () => undefined,
      close: () => undefined,
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
export function later(): { promise: Promise<Answer>; answer(answer: Answer): Promise<void> } {
  let resolve: (answer: Answer) => void = () => undefined;
  const promise = new Promise<Answer>((done) => (resolve = done));
  return { promise, answer: (answer) => act(async () => resolve(answer)) };
}

export const moved = (visit: Visit): Answer => ({ body: { message: "done", visit } });

/** What a number above the board says. */
export function number(label: string): string {
  return screen.getByText(label, { selector: "dt" }).nextElementSibling?.textContent ?? "";
}
