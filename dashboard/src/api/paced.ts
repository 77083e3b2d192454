/** The least milliseconds between two drawings of what events bring: 20 a second. */
const PACE = 50;

/**
 * Calls `draw` at once, and in a burst at most 20 times a second; the last call is never left out.
 *
 * Not by animation frames: a page in the background has none, and is to be right when it is looked at.
 */
export function paced(draw: () => void, pace = PACE): { ask(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let drawn = -Infinity;

  function now(): void {
    timer = undefined;
    drawn = performance.now();
    draw();
  }

  return {
    ask() {
      const wait = drawn + pace - performance.now();
      if (wait <= 0 && timer === undefined) {
        now();
      } else {
        timer ??= setTimeout(now, wait);
      }
    },
    stop: () => clearTimeout(timer),
  };
}
