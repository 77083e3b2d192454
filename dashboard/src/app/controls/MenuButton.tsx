import { lazy, Suspense, useState, type ReactNode } from "react";
import { Button } from "react-aria-components";

import type { Offer } from "./OpenMenu";

const load = () => import("./OpenMenu");
const OpenMenu = lazy(load);

interface Props {
  className: string;
  label?: string | undefined;
  isDisabled?: boolean | undefined;
  offers: readonly Offer[];
  chosen?: Offer["key"] | undefined;
  children: ReactNode;
}

/** A button with a menu; what draws a menu is heavy, and loaded when it is about to be opened. */
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
      onHoverStart={() => void load()}
      onFocus={() => void load()}
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
