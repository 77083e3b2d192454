import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { QueryClientProvider } from "@tanstack/react-query";
import { configure, render } from "@testing-library/react";
import type { ComponentType } from "react";
import { afterEach, expect, vi } from "vitest";

import type { DoctorQueueUpdated, QueueItem, QueueUpdated, VisitStatus } from "@contracts";

import { Api } from "./api/request";
import { queryClient } from "./app/App";
import type { Session } from "./app/session";
import { HereContext, SignedInContext } from "./app/signedIn";
import { Toasts } from "./app/toasts";
import { LanguageProvider } from "./i18n/language";
import { connect, type Realtime } from "./realtime";
import { Bridge } from "./realtime/bridge.fixture";

/** Milliseconds after which a test that waits has failed, on a busy machine too. */
export const LIMIT = 10_000;

// Whether each thing can be seen takes most of the time, and is looked at in a real browser.
configure({ asyncUtilTimeout: LIMIT, defaultHidden: true });
vi.setConfig({ testTimeout: 3 * LIMIT });

// Windows ask for it, and jsdom has none.
Object.assign(globalThis, { CSS: { escape: (text: string) => text } });

/** A request as the server got it. */
export interface Asked {
  request: string;
  body: unknown;
  version: string | undefined;
  key: string | undefined;
}

/** An answer with its status, or with the clinic's revision that it is of. */
export class Reply {
  constructor(
    readonly body: object,
    readonly more: { status?: number; revision?: number } = {},
  ) {}
}

/** A body, a refusal with this status, or a whole reply. */
export type Answer = object | number | Reply;

/** What the server answers, by method and path; what a test holds back comes when it says so. */
export type Answers = Record<
  string,
  Answer | ((query: URLSearchParams, asked: Asked) => Answer | Promise<Answer>)
>;

/** A page on real lines: HTTP answers and events are what the test says. */
export interface Shown {
  bridge: Bridge;
  realtime: Realtime;
  answers: Answers;
  asked: Asked[];
}

const closing: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
  vi.unstubAllGlobals();
  localStorage.clear();
});

/** Show a page of clinic 1 to somebody, and wait until it is in its room. */
export async function show(Page: ComponentType, session: Partial<Session>, answers: Answers = {}): Promise<Shown> {
  const bridge = await Bridge.open();
  bridge.recovered = false;
  const asked: Asked[] = [];
  const server = await serve(answers, asked);
  const realtime = connect({ url: bridge.url, token: () => "a token", retry: 20, jitter: 0 });
  closing.push(
    () => bridge.close(),
    // What a test holds back for good stays so: cut off, the page would ask the next test's server.
    () => void server.close(),
    () => realtime.close(),
  );
  const whole: Session = {
    token: "a token",
    sub: "7",
    name: "Tess Tester",
    role: "receptionist",
    clinics: [1],
    doctorId: undefined,
    ...session,
  };
  const signedIn = { session: whole, api: new Api("a token"), realtime, signOut: () => undefined };
  render(
    <LanguageProvider>
      <SignedInContext value={signedIn}>
        <HereContext value={{ clinic: 1, name: "Example Clinic", zone: "UTC" }}>
          <QueryClientProvider client={queryClient()}>
            <Page />
            <Toasts />
          </QueryClientProvider>
        </HereContext>
      </SignedInContext>
    </LanguageProvider>,
  );
  await vi.waitFor(() => expect(realtime.state()).toBe("live"), LIMIT);
  return { bridge, realtime, answers, asked };
}

async function serve(answers: Answers, asked: Asked[]): Promise<Server> {
  const server = createServer((request, response) => {
    let given = "";
    request.on("data", (part) => (given += part));
    request.on("end", () => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://clinic");
      const what = `${request.method} ${pathname.replace("/api", "")}`;
      const header = (name: string) => request.headers[name] as string | undefined;
      const one: Asked = {
        request: what,
        body: given ? JSON.parse(given) : undefined,
        version: header("if-match"),
        key: header("idempotency-key"),
      };
      asked.push(one);
      const found = answers[what] ?? 404;
      void Promise.resolve(typeof found === "function" ? found(searchParams, one) : found).then((answer) => {
        const { body, more } = replyOf(answer);
        response.statusCode = more.status ?? 200;
        response.setHeader("Content-Type", "application/json");
        if (more.revision !== undefined) {
          response.setHeader("ETag", `"of-${more.revision}"`);
        }
        response.end(JSON.stringify(body));
      });
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const real = fetch;
  // A page asks its own origin. The signals of jsdom are not those that Node's fetch takes.
  vi.stubGlobal("fetch", (path: string, { signal: _, ...init }: RequestInit) =>
    real(`http://127.0.0.1:${port}${path}`, init),
  );
  return server;
}

function replyOf(answer: Answer): Reply {
  if (answer instanceof Reply) {
    return answer;
  }
  return typeof answer === "number" ? new Reply({ message: `refused with ${answer}` }, { status: answer }) : new Reply(answer);
}

/** An invented visit in a queue. */
export function item(id: number, status: VisitStatus, more: Partial<QueueItem> = {}): QueueItem {
  return {
    id,
    queue_number: id,
    patient_name: `Invented ${id}`,
    patient_phone: `+000${id}`,
    doctor_name: "Dr. Ada Sample",
    service_name: "Consultation",
    visit_type: "scheduled",
    check_in_time: "2026-03-02T09:00:00+00:00",
    start_time: null,
    end_time: null,
    status,
    version: 1,
    ...more,
  };
}

/** A clinic's queue of these visits. */
export function queue(...items: QueueItem[]): QueueUpdated {
  const of = (status: VisitStatus) => items.filter((one) => one.status === status);
  return {
    clinic_id: 1,
    waiting: of("waiting"),
    called: of("called"),
    in_progress: of("in_progress"),
    completed: of("completed"),
    total: items.length,
  };
}

/** The same as doctor 2's. */
export function ownQueue(...items: QueueItem[]): DoctorQueueUpdated {
  return { ...queue(...items), doctor_id: 2 };
}
