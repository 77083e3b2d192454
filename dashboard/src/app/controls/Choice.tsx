import { Button, Label, ListBox, ListBoxItem, Popover, Select, SelectValue } from "react-aria-components";

import { Icon } from "./Icon";

interface Option {
  id: number | string;
  name: string;
  detail?: string | undefined;
}

interface Props<O extends Option> {
  label: string;
  options: readonly O[];
  value: O["id"] | null;
  onChange(id: O["id"]): void;
  placeholder?: string;
  isRequired?: boolean;
}

/** One of a few, by name. */
export function Choice<O extends Option>(props: Props<O>) {
  const { label, options, value, onChange, placeholder, isRequired = false } = props;
  return (
    <Select
      className="field"
      value={value}
      onChange={(key) => key !== null && onChange(key as O["id"])}
      isRequired={isRequired}
      {...(placeholder === undefined ? {} : { placeholder })}
    >
      <Label>{label}</Label>
      <Button className="input choice">
        <SelectValue />
        <Icon name="chevron" />
      </Button>
      <Popover className="popover">
        <ListBox className="list" items={options}>
          {(option) => (
            <ListBoxItem className="list-item" id={option.id} textValue={option.name}>
              <span>{option.name}</span>
              {option.detail && <small>{option.detail}</small>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
