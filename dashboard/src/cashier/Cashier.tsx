import { useAppTexts } from "../app/texts";

export default function Cashier() {
  return <main className="notice">{useAppTexts().pages.cashier}</main>;
}
