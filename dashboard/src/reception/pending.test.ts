import { describe, expect, test } from "vitest";

import { cardsOf, type Lists } from "./cards";
import { phases, queueOf } from "./day.fixture";
import { stillPending, withPending, type Pending } from "./pending";

const AT = "2026-03-02T09:00:00Z";

const day = (where: Parameters<typeof queueOf>[0], version = 1): Lists => cardsOf(queueOf(where, version), phases());

const move = (more: Partial<Pending>): Pending => ({ key: 1, visit: 1, to: "called", at: AT, until: Infinity, ...more });

const ids = (lists: Lists) =>
  Object.fromEntries(Object.entries(lists).map(([status, cards]) => [status, cards.map(({ id }) => id)]));

describe("a pending move", () => {
  test("puts the card where it will be, and marks it as on its way", () => {
    const shown = withPending(day({ waiting: [1, 2] }), [move({})]);
    expect(ids(shown)).toMatchObject({ waiting: [2], called: [1] });
    expect(shown.called[0]?.moving).toBe(true);
  });

  test("holds over a picture that is older than the server's answer", () => {
    const answered = move({ until: 2 });
    expect(ids(withPending(day({ waiting: [1] }, 1), [answered])).called).toEqual([1]);
    expect(stillPending(day({ waiting: [1] }, 1), [answered])).toEqual([answered]);
  });

  test("gives way to a picture that is as new, whatever that shows", () => {
    const answered = move({ until: 2 });
    const newer = day({ in_progress: [1] }, 3);
    expect(ids(withPending(newer, [answered])).in_progress).toEqual([1]);
    expect(stillPending(newer, [answered])).toEqual([]);
  });

  test("of a place in the line is shown at that place", () => {
    const shown = withPending(day({ waiting: [1, 2, 3] }), [move({ visit: 3, to: "waiting", position: 1 })]);
    expect(ids(shown).waiting).toEqual([3, 1, 2]);
  });

  test("that ends a visit takes the card off the board", () => {
    const shown = withPending(day({ waiting: [1, 2] }), [move({ to: "cancelled" })]);
    expect(ids(shown)).toMatchObject({ waiting: [2], called: [], completed: [] });
  });

  test("builds on the one before it", () => {
    const shown = withPending(day({ waiting: [1] }), [move({}), move({ key: 2, to: "in_progress" })]);
    expect(ids(shown)).toMatchObject({ waiting: [], called: [], in_progress: [1] });
  });

  test("leaves the picture as it is when there is none", () => {
    const lists = day({ waiting: [1] });
    expect(withPending(lists, [])).toBe(lists);
  });
});
