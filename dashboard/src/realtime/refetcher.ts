/** How long to wait for more changes, and for how long at most. */
export interface Patience {
  delay?: number;
  maxWait?: number;
}

/**
 * Fetches once for a burst of changes: when none has come for `delay`, or the first is `maxWait` old.
 *
 * One fetch at a time: what is asked for during one is fetched after it.
 */
export function refetcher(
  refetch: () => Promise<unknown>,
  { delay = 500, maxWait = 2000 }: Patience = {},
): { ask(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let firstAsked: number | undefined;
  let flying = false;
  let due = false;
  let stopped = false;

  async function fly(): Promise<void> {
    timer = firstAsked = undefined;
    if (flying) {
      due = true;
      return;
    }
    flying = true;
    try {
      await refetch();
    } catch {
      // Whoever fetches shows the failure; the next change asks again.
    } finally {
      flying = false;
    }
    if (due && !stopped) {
      due = false;
      void fly();
    }
  }

  return {
    ask() {
      if (stopped) {
        return;
      }
      const now = Date.now();
      firstAsked ??= now;
      clearTimeout(timer);
      timer = setTimeout(() => void fly(), Math.max(0, Math.min(delay, firstAsked + maxWait - now)));
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
