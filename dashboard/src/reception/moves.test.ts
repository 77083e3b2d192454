import { describe, expect, test } from "vitest";

import { SHOWN } from "./cards";
import { movesOf, moveTo, undoOf } from "./moves";
import { cardsOf } from "./cards";
import { phases, queueOf } from "./day.fixture";

const card = (status: "waiting" | "called" | "in_progress") => {
  const [found] = cardsOf(queueOf({ [status]: [1] }), phases())[status];
  if (!found) throw new Error("no card");
  return found;
};

describe("who may do what", () => {
  test("the desk does not complete a visit, an admin does", () => {
    expect(movesOf("in_progress", "receptionist")).toEqual(["move_back"]);
    expect(movesOf("in_progress", "admin")).toContain("complete");
    expect(moveTo("in_progress", "completed", "receptionist")).toBeUndefined();
  });

  test("a cashier and a screen on the wall move nobody", () => {
    for (const role of ["cashier", "display"] as const) {
      expect(SHOWN.flatMap((status) => movesOf(status, role))).toEqual([]);
    }
  });

  test("nobody is dragged back to where only the future leads", () => {
    expect(moveTo("waiting", "scheduled", "admin")).toBeUndefined();
    expect(moveTo("scheduled", "in_progress", "admin")).toBeUndefined();
    expect(moveTo("scheduled", "completed", "admin")).toBeUndefined();
  });
});

describe("taking a move back", () => {
  test("a call puts the patient back to the place that was left", () => {
    const steps = undoOf({ move: "call", card: card("waiting") }, 2);
    expect(steps).toEqual([{ move: "requeue" }, { move: "reorder", position: 2 }]);
  });

  test("a start of who was called makes them called again", () => {
    expect(undoOf({ move: "start", card: card("called") }, undefined)).toEqual([{ move: "move_back" }, { move: "call" }]);
  });

  test("an arrival and a cancellation can't be unsaid", () => {
    expect(undoOf({ move: "check_in", card: card("waiting") }, undefined)).toBeUndefined();
    expect(undoOf({ move: "cancel", card: card("waiting") }, 1)).toBeUndefined();
  });
});
