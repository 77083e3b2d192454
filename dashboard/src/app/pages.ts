import { lazy, type ComponentType } from "react";

import type { Role } from "./session";

export type PageName = "reception" | "doctor" | "cashier" | "board";

interface Page {
  name: PageName;
  /** Who may open it. */
  roles: readonly Role[];
  /** Without the header: it is all there is on a wall. */
  bare?: boolean;
  show: ComponentType;
}

/** Every page, each loaded when it is opened; the first that a role may open is its own. */
export const PAGES: readonly Page[] = [
  { name: "reception", roles: ["receptionist", "admin"], show: lazy(() => import("../reception/Reception")) },
  { name: "doctor", roles: ["doctor"], show: lazy(() => import("../doctor/Doctor")) },
  { name: "cashier", roles: ["cashier", "admin"], show: lazy(() => import("../cashier/Cashier")) },
  {
    name: "board",
    roles: ["display", "receptionist", "admin"],
    bare: true,
    show: lazy(() => import("../board/Board")),
  },
];

export function pagesOf(role: Role): readonly Page[] {
  return PAGES.filter(({ roles }) => roles.includes(role));
}
