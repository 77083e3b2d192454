import { describe, expect, test } from "vitest";

import { cardsOf } from "./cards";
import { aPhaseItem, aQueue, aQueueItem, phases } from "./day.fixture";

describe("the cards of a day", () => {
  test("a visit that has come to the queue is no longer expected, whichever picture is older", () => {
    const expected = phases({ appointments_today: [aPhaseItem(1), aPhaseItem(2)] });
    const lists = cardsOf(aQueue({ waiting: [aQueueItem(1)] }), expected);
    expect(lists.scheduled.map(({ id }) => id)).toEqual([2]);
    expect(lists.waiting.map(({ id }) => id)).toEqual([1]);
  });

  test("a waiting card knows the appointment that was booked", () => {
    const known = phases({ waiting: [aPhaseItem(1, { id: 71, start_time: "2026-03-02T08:30:00Z" })] });
    const [card] = cardsOf(aQueue({ waiting: [aQueueItem(1, { visit_type: "scheduled" })] }), known).waiting;
    expect(card).toMatchObject({ appointment: 71, booked: "2026-03-02T08:30:00Z" });
  });

  test("a walk-in has no appointment, though its card has an id", () => {
    const known = phases({ waiting: [aPhaseItem(1, { id: 1 })] });
    const [card] = cardsOf(aQueue({ waiting: [aQueueItem(1, { visit_type: "walk_in" })] }), known).waiting;
    expect(card).toMatchObject({ appointment: null, booked: null });
  });
});
