import { Suspense, useSyncExternalStore } from "react";
import { UNSTABLE_ToastQueue as ToastQueue } from "react-aria-components";

import { Refused } from "../api/request";
import { later } from "./later";
import { useAppTexts } from "./texts";

/** A short word to the person: what was done, or why it was not. */
export interface Told {
  tone: "done" | "refused";
  title: string;
  detail?: string | undefined;
  action?: { label: string; act: () => void } | undefined;
}

export const told = new ToastQueue<Told>({ maxVisibleToasts: 3 });

/** Tell the person; what was refused stays longer. */
export function tell(what: Told): void {
  told.add(what, { timeout: what.tone === "refused" ? 10_000 : 5_000 });
}

const ToastList = later(() => import("./ToastList"));

const listen = (changed: () => void) => told.subscribe(changed);

/** Where what is told is shown. */
export function Toasts() {
  const any = useSyncExternalStore(listen, () => told.visibleToasts.length > 0);
  return <Suspense>{any && <ToastList />}</Suspense>;
}

/** What an error says to a person. */
export function useReason(): (error: unknown) => string {
  const texts = useAppTexts();
  return (error) => (error instanceof Refused && error.message ? error.message : texts.unreachable);
}
