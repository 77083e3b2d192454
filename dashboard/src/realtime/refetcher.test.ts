import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { refetcher } from "./refetcher";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A fetch that a test ends by hand. */
function fetching() {
  const ends: { done: () => void; fail: () => void }[] = [];
  const fetch = vi.fn(
    () => new Promise<void>((done, fail) => void ends.push({ done, fail: () => fail(new Error("503")) })),
  );
  return { fetch, ends };
}

test("a burst of changes is fetched once, half a second after its last", async () => {
  const fetch = vi.fn(async () => {});
  const { ask } = refetcher(fetch);
  ask();
  await vi.advanceTimersByTimeAsync(400);
  ask();
  await vi.advanceTimersByTimeAsync(499);
  expect(fetch).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(fetch).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(fetch).toHaveBeenCalledTimes(1);
});

test("changes that never pause are fetched every two seconds", async () => {
  const fetch = vi.fn(async () => {});
  const { ask } = refetcher(fetch);
  for (let at = 0; at < 6_000; at += 100) {
    ask();
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(fetch).toHaveBeenCalledTimes(3);
});

test("what is asked for during a fetch is fetched after it, once", async () => {
  const { fetch, ends } = fetching();
  const { ask } = refetcher(fetch);
  ask();
  await vi.advanceTimersByTimeAsync(500);
  for (let count = 0; count < 3; count += 1) {
    ask();
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(fetch).toHaveBeenCalledTimes(1);
  ends[0]?.done();
  await vi.advanceTimersByTimeAsync(0);
  expect(fetch).toHaveBeenCalledTimes(2);
  ends[1]?.done();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(fetch).toHaveBeenCalledTimes(2);
});

test("a fetch that fails does not keep the next change from being fetched", async () => {
  const { fetch, ends } = fetching();
  const { ask } = refetcher(fetch, { delay: 10 });
  ask();
  await vi.advanceTimersByTimeAsync(10);
  ends[0]?.fail();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(fetch).toHaveBeenCalledTimes(1);
  ask();
  await vi.advanceTimersByTimeAsync(10);
  expect(fetch).toHaveBeenCalledTimes(2);
});

test("nothing is fetched after it was stopped", async () => {
  const { fetch, ends } = fetching();
  const { ask, stop } = refetcher(fetch, { delay: 10, maxWait: 20 });
  ask();
  await vi.advanceTimersByTimeAsync(10);
  ask();
  await vi.advanceTimersByTimeAsync(10);
  stop();
  ask();
  ends[0]?.done();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(fetch).toHaveBeenCalledTimes(1);
});
