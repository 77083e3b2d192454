// @vitest-environment node
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { paced } from "./paced";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

test("a single change is drawn at once", () => {
  const draw = vi.fn();
  paced(draw).ask();
  expect(draw).toHaveBeenCalledTimes(1);
});

test("a burst is drawn at most 20 times a second, and its last change is drawn", () => {
  let asked = 0;
  const drawn: number[] = [];
  const drawing = paced(() => drawn.push(asked));
  for (let change = 1; change <= 200; change += 1) {
    asked = change;
    drawing.ask();
    vi.advanceTimersByTime(5);
  }
  vi.advanceTimersByTime(50);
  expect(drawn.length).toBeLessThanOrEqual(21);
  expect(drawn.length).toBeGreaterThan(15);
  expect(drawn.at(-1)).toBe(200);
});

test("nothing is drawn after the end", () => {
  const draw = vi.fn();
  const drawing = paced(draw);
  drawing.ask();
  drawing.ask();
  drawing.stop();
  vi.advanceTimersByTime(1_000);
  expect(draw).toHaveBeenCalledTimes(1);
});
