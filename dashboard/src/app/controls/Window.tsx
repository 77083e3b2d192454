import type { ReactNode } from "react";
import { Button, Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";

import { useAppTexts } from "../texts";
import { Icon } from "./Icon";

interface Props {
  title: string;
  isOpen: boolean;
  onClose(): void;
  /** Wider than a few fields need. */
  wide?: boolean;
  children: ReactNode;
}

/** A dialog over the page: Escape, the cross and a press beside it close it. */
export function Window({ title, isOpen, onClose, wide = false, children }: Props) {
  const texts = useAppTexts();
  return (
    <ModalOverlay className="veil" isOpen={isOpen} onOpenChange={(open) => open || onClose()} isDismissable>
      <Modal className="window" data-wide={wide || undefined}>
        <Dialog className="window-inside">
          <header>
            <Heading slot="title">{title}</Heading>
            <Button slot="close" className="icon-button" aria-label={texts.close}>
              <Icon name="close" />
            </Button>
          </header>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
