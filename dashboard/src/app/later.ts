import { lazy, type ComponentType, type LazyExoticComponent } from "react";

/** Milliseconds after which a page has what it needs first. */
const SETTLED = 1_500;

/**
 * A component that a page needs later than first.
 *
 * It is loaded all the same when the page has settled: a refusal must be told while the line is cut, too.
 */
export function later<P>(load: () => Promise<{ default: ComponentType<P> }>): LazyExoticComponent<ComponentType<P>> {
  let loading: ReturnType<typeof load> | undefined;
  const once = () => (loading ??= load());
  if (import.meta.env.PROD) {
    // One that does not come is asked for again when it is shown.
    setTimeout(() => void once().catch(() => (loading = undefined)), SETTLED);
  }
  return lazy(once);
}
