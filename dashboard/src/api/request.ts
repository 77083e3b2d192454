import type { Visit } from "@contracts";

/** What the server said no with; `visit` is how the visit stands now, where that is the reason. */
export class Refused extends Error {
  constructor(
    /** The HTTP status; 0 when no answer came. */
    readonly status: number,
    message: string,
    readonly detail?: string,
    readonly visit?: Visit,
  ) {
    super(message);
  }

  /** Whether the same request may go through in a moment. */
  get passing(): boolean {
    return this.status === 0 || this.status === 503;
  }
}

export interface Asking {
  query?: Record<string, string | number | undefined>;
  body?: object;
  /** The version that the caller has seen (If-Match). */
  version?: number;
  /** The same for every try of one command (Idempotency-Key). */
  key?: string;
  signal?: AbortSignal;
}

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** An answer, and the clinic's revision that it is of, where it says so. */
export interface Answer<T> {
  body: T;
  revision: number | undefined;
}

/** The HTTP side, as the bearer of a token. */
export class Api {
  constructor(
    private readonly token: string,
    private readonly refusedToken: () => void = () => undefined,
  ) {}

  async get<T>(path: string, asking: Pick<Asking, "query" | "signal"> = {}): Promise<T> {
    return (await this.ask<T>("GET", path, asking)).body;
  }

  async ask<T>(method: Method, path: string, asking: Asking = {}): Promise<Answer<T>> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.token}` };
    if (asking.body) {
      headers["Content-Type"] = "application/json";
    }
    if (asking.version !== undefined) {
      headers["If-Match"] = `"${asking.version}"`;
    }
    if (asking.key) {
      headers["Idempotency-Key"] = asking.key;
    }
    const answer = await fetch(address(path, asking.query), {
      method,
      headers,
      body: asking.body ? JSON.stringify(asking.body) : null,
      signal: asking.signal ?? null,
    }).catch((error: unknown) => {
      if (asking.signal?.aborted) {
        throw error;
      }
      throw new Refused(0, "");
    });
    const body: unknown = await answer.json().catch(() => undefined);
    if (!answer.ok) {
      if (answer.status === 401) {
        this.refusedToken();
      }
      throw refusal(answer.status, body);
    }
    return { body: body as T, revision: revisionOf(answer.headers.get("ETag")) };
  }
}

/** A new key for a command; not crypto.randomUUID, which a page without TLS does not have. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");
}

function address(path: string, query: Asking["query"] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return `/api${path}${given.length ? `?${search}` : ""}`;
}

function refusal(status: number, body: unknown): Refused {
  const told = (typeof body === "object" && body !== null ? body : {}) as Partial<Refused>;
  return new Refused(status, told.message ?? "", told.detail, told.visit);
}

/** The ETag of a queue ends with the clinic's revision. */
function revisionOf(tag: string | null): number | undefined {
  const found = /-(\d+)"$/.exec(tag ?? "");
  return found ? Number(found[1]) : undefined;
}
