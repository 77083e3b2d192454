import {
  Button,
  Text,
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from "react-aria-components";

import { Refused } from "../api/request";
import { Icon } from "./controls/Icon";
import { useAppTexts } from "./texts";

/** A short word to the person: what was done, or why it was not. */
export interface Told {
  tone: "done" | "refused";
  title: string;
  detail?: string | undefined;
  action?: { label: string; act: () => void } | undefined;
}

const queue = new ToastQueue<Told>({ maxVisibleToasts: 3 });

/** Tell the person; what was refused stays longer. */
export function tell(told: Told): void {
  queue.add(told, { timeout: told.tone === "refused" ? 10_000 : 5_000 });
}

export function ToastList() {
  const texts = useAppTexts();
  return (
    <ToastRegion queue={queue} className="toasts">
      {({ toast }) => (
        <Toast toast={toast} className="toast" data-tone={toast.content.tone}>
          <ToastContent className="toast-text">
            <Text slot="title">{toast.content.title}</Text>
            {toast.content.detail && <Text slot="description">{toast.content.detail}</Text>}
          </ToastContent>
          {toast.content.action && (
            <Button
              className="button quiet"
              onPress={() => {
                toast.content.action?.act();
                queue.close(toast.key);
              }}
            >
              {toast.content.action.label}
            </Button>
          )}
          <Button slot="close" className="icon-button" aria-label={texts.close}>
            <Icon name="close" />
          </Button>
        </Toast>
      )}
    </ToastRegion>
  );
}

/** What an error says to a person. */
export function useReason(): (error: unknown) => string {
  const texts = useAppTexts();
  return (error) => (error instanceof Refused && error.message ? error.message : texts.unreachable);
}
