import { Icon } from "./Icon";
import { MenuButton } from "./MenuButton";

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
    <MenuButton
      className="input choice"
      label={`${label}: ${name}`}
      offers={options.map((option) => ({ key: option.id, text: option.name, act: () => onPick(option.id) }))}
      chosen={value}
    >
      <span dir="auto">{name}</span>
      <Icon name="chevron" />
    </MenuButton>
  );
}
