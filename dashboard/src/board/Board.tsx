import { useAppTexts } from "../app/texts";

export default function Board() {
  return <main className="notice">{useAppTexts().pages.board}</main>;
}
