import type { Visit, VisitStatus } from "@contracts";

import type { Api, Asking, Method } from "../api/request";
import type { Role } from "../app/session";
import type { Card, Shown } from "./cards";

/** What the desk can do with a card. */
export type MoveName =
  | "check_in"
  | "call"
  | "recall"
  | "requeue"
  | "start"
  | "complete"
  | "move_back"
  | "reinstate"
  | "cancel"
  | "skip"
  | "reorder";

interface Rule {
  from: readonly VisitStatus[];
  to: VisitStatus;
  /** Whose it is; the desk's and the admin's where nothing is said. */
  roles?: readonly Role[];
}

/** The visit's states and what leads from one to another; the server has the last word. */
const RULES: Record<MoveName, Rule> = {
  check_in: { from: ["scheduled"], to: "waiting" },
  call: { from: ["waiting"], to: "called" },
  recall: { from: ["called"], to: "called" },
  requeue: { from: ["called"], to: "waiting" },
  start: { from: ["waiting", "called"], to: "in_progress" },
  complete: { from: ["in_progress"], to: "completed", roles: ["admin"] },
  move_back: { from: ["in_progress"], to: "waiting" },
  reinstate: { from: ["no_show", "completed"], to: "waiting" },
  cancel: { from: ["scheduled", "waiting", "called"], to: "cancelled" },
  skip: { from: ["scheduled", "waiting", "called"], to: "no_show" },
  reorder: { from: ["waiting"], to: "waiting" },
};

/** Those that are asked about first. */
export const ASKED: readonly MoveName[] = ["cancel", "skip"];

export function leadsTo(move: MoveName): VisitStatus {
  return RULES[move].to;
}

/** What this role may do with a visit of this status, the likeliest first. */
export function movesOf(status: VisitStatus, role: Role): readonly MoveName[] {
  return (Object.keys(RULES) as MoveName[]).filter((move) => {
    const { from, roles = ["receptionist", "admin"] } = RULES[move];
    return from.includes(status) && roles.includes(role);
  });
}

/** What it means to put a card into another column, undefined when that is not allowed. */
export function moveTo(from: Shown, column: Shown, role: Role): MoveName | undefined {
  const named: Partial<Record<`${Shown}>${Shown}`, MoveName>> = {
    "scheduled>waiting": "check_in",
    "called>waiting": "requeue",
    "waiting>waiting": "reorder",
    "in_progress>waiting": "move_back",
    "completed>waiting": "reinstate",
    "waiting>called": "call",
    "waiting>in_progress": "start",
    "called>in_progress": "start",
    "in_progress>completed": "complete",
  };
  const move = named[`${from}>${column}`];
  return move && movesOf(from, role).includes(move) ? move : undefined;
}

/** A move of one card, as asked for. */
export interface Wish {
  move: MoveName;
  /** The card as the person saw it. */
  card: Card;
  /** The place in the line, 1 is the first. */
  position?: number | undefined;
  reason?: string | undefined;
  /** One command, however often it is sent. */
  key: string;
}

/** Ask the server for a move; the answer is the visit as it is then. */
export async function send(api: Api, wish: Wish, version: number): Promise<Visit> {
  const [method, path, body] = request(wish);
  const asking: Asking = { body, version, ...(method === "POST" ? { key: wish.key } : {}) };
  return (await api.ask<{ visit: Visit }>(method, path, asking)).body.visit;
}

function request({ move, card, position, reason }: Wish): [Method, string, object] {
  const visit = { visit_id: card.id };
  switch (move) {
    case "check_in":
      return card.appointment === null
        ? ["POST", "/queue/phases/move", { ...visit, from_phase: "appointments_today", to_phase: "waiting" }]
        : ["POST", "/queue/checkin", { appointment_id: card.appointment }];
    case "move_back":
      return ["POST", "/queue/phases/move", { ...visit, from_phase: "with_doctor", to_phase: "waiting" }];
    case "reinstate":
      return ["PUT", `/visits/${card.id}/status`, { status: "waiting" }];
    case "reorder":
      return ["PUT", "/queue/reorder", { ...visit, new_position: position ?? 1 }];
    case "cancel":
    case "skip":
      return ["POST", `/queue/${move}`, reason ? { ...visit, reason } : visit];
    default:
      return ["POST", `/queue/${move}`, visit];
  }
}

/** One step of taking a move back. */
export interface Step {
  move: MoveName;
  position?: number | undefined;
}

/**
 * The moves that bring a card back to where it was, undefined when none do: an arrival can't be unsaid, and
 * who was expected and did not come is not expected again.
 */
export function undoOf({ move, card }: Pick<Wish, "move" | "card">, position: number | undefined): readonly Step[] | undefined {
  const again: Step[] = position === undefined ? [] : [{ move: "reorder", position }];
  const from = card.status;
  switch (move) {
    case "call":
      return [{ move: "requeue" }, ...again];
    case "requeue":
      return [{ move: "call" }];
    case "start":
      return from === "called" ? [{ move: "move_back" }, { move: "call" }] : [{ move: "move_back" }, ...again];
    case "move_back":
      return [{ move: "start" }];
    case "complete":
      return [{ move: "reinstate" }, { move: "start" }];
    case "skip":
      return from === "waiting" ? [{ move: "reinstate" }, ...again] : from === "called" ? [{ move: "reinstate" }, { move: "call" }] : undefined;
    case "reorder":
      return again;
    default:
      return undefined;
  }
}
