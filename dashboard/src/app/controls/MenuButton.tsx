import { Suspense, useState, type ReactNode } from "react";
import { Button } from "react-aria-components";

import { later } from "../later";
import type { Offer } from "./OpenMenu";

const OpenMenu = later(() => import("./OpenMenu"));

interface Props {
  className: string;
  label?: string | undefined;
  isDisabled?: boolean | undefined;
  offers: readonly Offer[];
  chosen?: Offer["key"] | undefined;
  children: ReactNode;
}

/** A button with a menu; what draws a menu is heavy, and loaded once the page has settled. */
export function MenuButton({ className, label, isDisabled = false, offers, chosen, children }: Props) {
  const [used, setUsed] = useState(false);
  const button = {
    className,
    isDisabled,
    children,
    ...(label === undefined ? {} : { "aria-label": label }),
  };
  const closed = (
    <Button
      {...button}
      aria-haspopup="menu"
      aria-expanded={false}
      onPress={() => setUsed(true)}
    />
  );
  if (!used) {
    return closed;
  }
  return (
    <Suspense fallback={closed}>
      <OpenMenu offers={offers} chosen={chosen}>
        <Button {...button} />
      </OpenMenu>
    </Suspense>
  );
}
