import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

if (typeof window !== "undefined") {
  // A screen as large as a desk's: without one, a list makes only what is seen, which is nothing.
  for (const [name, size] of [
    ["clientWidth", 1200],
    ["clientHeight", 1200],
    ["offsetWidth", 1200],
    ["offsetHeight", 1200],
  ] as const) {
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => size });
  }
  // jsdom has neither of these.
  Object.assign(globalThis, { CSS: { escape: (text: string) => text.replace(/[^\w-]/g, "\\$&") } });
  window.matchMedia = (media) => Object.assign(new EventTarget(), { matches: false, media }) as MediaQueryList;
}

// A limit for a machine with much else to do, not a pause: whoever waits goes on at once.
configure({ asyncUtilTimeout: 15_000 });

afterEach(cleanup);
