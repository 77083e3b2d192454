import { useAppTexts } from "../app/texts";

export default function Reception() {
  return <main className="notice">{useAppTexts().pages.reception}</main>;
}
