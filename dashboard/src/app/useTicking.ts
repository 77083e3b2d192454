import { useSyncExternalStore } from "react";

const hearers = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

/** One clock for all who count: each draws only when what it reads is another. */
function eachSecond(hear: () => void): () => void {
  hearers.add(hear);
  ticking ??= setInterval(() => hearers.forEach((one) => one()), 1_000);
  return () => {
    hearers.delete(hear);
    if (hearers.size === 0) {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
}

/** What is read off the time, as it is now. */
export function useTicking<T extends string | number>(read: () => T): T {
  return useSyncExternalStore(eachSecond, read);
}
