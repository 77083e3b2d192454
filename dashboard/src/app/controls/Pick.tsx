import { Button, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";

import { Icon } from "./Icon";

interface Props<Id extends number | string> {
  label: string;
  options: readonly { id: Id; name: string }[];
  value: Id;
  onPick(id: Id): void;
}

/** One of a few, beside other buttons: what is on the page at first does without a form's fields. */
export function Pick<Id extends number | string>({ label, options, value, onPick }: Props<Id>) {
  const name = options.find(({ id }) => id === value)?.name ?? "";
  return (
    <MenuTrigger>
      <Button className="input choice" aria-label={`${label}: ${name}`}>
        <span dir="auto">{name}</span>
        <Icon name="chevron" />
      </Button>
      <Popover className="popover">
        <Menu
          className="menu"
          items={options}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[value]}
          onAction={(key) => onPick(key as Id)}
        >
          {(option) => (
            <MenuItem className="menu-item" id={option.id} textValue={option.name}>
              <span dir="auto">{option.name}</span>
            </MenuItem>
          )}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
