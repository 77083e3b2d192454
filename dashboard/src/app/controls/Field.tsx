import { FieldError, Input, Label, TextArea, TextField, type TextFieldProps } from "react-aria-components";

interface Props extends TextFieldProps {
  label: string;
  lines?: number;
  placeholder?: string;
}

/** A line or some lines of text with their label. */
export function Field({ label, lines = 1, placeholder, ...props }: Props) {
  return (
    <TextField {...props} className="field">
      <Label>{label}</Label>
      {lines > 1 ? (
        <TextArea className="input" rows={lines} placeholder={placeholder} />
      ) : (
        <Input className="input" placeholder={placeholder} />
      )}
      <FieldError className="field-error" />
    </TextField>
  );
}
