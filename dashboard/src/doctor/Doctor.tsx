import { useAppTexts } from "../app/texts";

export default function Doctor() {
  return <main className="notice">{useAppTexts().pages.doctor}</main>;
}
