import { useSyncExternalStore } from "react";

const MOVED = "clinicwire:moved";

function subscribe(changed: () => void): () => void {
  addEventListener("popstate", changed);
  addEventListener(MOVED, changed);
  return () => {
    removeEventListener("popstate", changed);
    removeEventListener(MOVED, changed);
  };
}

/** Go to an address of ours without loading the document again. */
export function go(address: string, how: "push" | "replace" = "push"): void {
  history[how === "push" ? "pushState" : "replaceState"](null, "", address);
  dispatchEvent(new Event(MOVED));
}

/** The page and the clinic that the address names. */
export function usePlace(): { path: string; clinic: number | undefined } {
  const path = useSyncExternalStore(subscribe, () => location.pathname);
  const search = useSyncExternalStore(subscribe, () => location.search);
  const clinic = Number(new URLSearchParams(search).get("clinic"));
  return { path, clinic: Number.isSafeInteger(clinic) && clinic > 0 ? clinic : undefined };
}
