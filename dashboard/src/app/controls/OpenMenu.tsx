import type { ReactNode } from "react";
import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";

/** A line of a menu. */
export interface Offer {
  key: number | string;
  text: string;
  danger?: boolean;
  act(): void;
}

interface Props {
  offers: readonly Offer[];
  chosen: Offer["key"] | undefined;
  /** The button that it belongs to. */
  children: ReactNode;
}

/** A menu that is open when it first appears. */
export default function OpenMenu({ offers, chosen, children }: Props) {
  const selection =
    chosen === undefined
      ? {}
      : ({ selectionMode: "single", disallowEmptySelection: true, selectedKeys: [chosen] } as const);
  return (
    <MenuTrigger defaultOpen>
      {children}
      <Popover className="popover">
        <Menu className="menu" {...selection}>
          {offers.map(({ key, text, danger, act }) => (
            <MenuItem
              key={key}
              id={key}
              className="menu-item"
              textValue={text}
              data-danger={danger || undefined}
              onAction={act}
            >
              <span dir="auto">{text}</span>
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
