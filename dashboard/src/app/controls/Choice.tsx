import { useId } from "react";

interface Option<Id extends number | string> {
  id: Id;
  name: string;
  detail?: string | undefined;
}

interface Props<Id extends number | string> {
  label: string;
  options: readonly Option<Id>[];
  value: Id | null;
  onChange(id: Id): void;
  /** Shown while nothing is chosen. */
  placeholder?: string;
  isRequired?: boolean;
}

/** One of a few, as the browser offers it: on a phone by the phone's own list. */
export function Choice<Id extends number | string>(props: Props<Id>) {
  const { label, options, value, onChange, placeholder = "", isRequired = false } = props;
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="input"
        value={value ?? ""}
        required={isRequired}
        onChange={({ target }) => {
          const chosen = options.find((option) => String(option.id) === target.value);
          if (chosen) {
            onChange(chosen.id);
          }
        }}
      >
        {value === null && (
          <option value="" disabled>
            {placeholder}
          </option>
        )}
        {options.map(({ id: one, name, detail }) => (
          <option key={one} value={one}>
            {detail ? `${name} (${detail})` : name}
          </option>
        ))}
      </select>
    </div>
  );
}
