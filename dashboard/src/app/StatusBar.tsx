import { useSyncExternalStore } from "react";

import { useFormats } from "../i18n/language";
import { useHere, useSignedIn } from "./signedIn";
import { useAppTexts } from "./texts";

/** Whether the page shows what is so now, and when something last changed. */
export function StatusBar() {
  const { realtime } = useSignedIn();
  const { zone } = useHere();
  const texts = useAppTexts();
  const formats = useFormats();
  const state = useSyncExternalStore(realtime.subscribe, realtime.state);
  const changed = useSyncExternalStore(realtime.subscribe, realtime.lastChange);
  return (
    <p className="status" data-state={state}>
      <span className="status-state" role="status">
        <i aria-hidden="true" />
        {texts[state]}
      </span>
      <span className="status-change">
        {changed === undefined ? (
          texts.noChange
        ) : (
          <>
            <span>{texts.lastChange} </span>
            {formats.clock(changed, zone)}
          </>
        )}
      </span>
    </p>
  );
}
