import { createContext, useContext } from "react";

import type { Api } from "../api/request";
import type { Realtime } from "../realtime";
import type { Session } from "./session";

/** What every page of somebody signed in stands on. */
export interface SignedIn {
  session: Session;
  api: Api;
  realtime: Realtime;
  signOut(): void;
}

export const SignedInContext = createContext<SignedIn | undefined>(undefined);

export function useSignedIn(): SignedIn {
  const found = useContext(SignedInContext);
  if (!found) {
    throw new Error("this is shown to who is signed in only");
  }
  return found;
}

/** The clinic that the page is of; its zone is unknown until the catalogue has come. */
export interface Here {
  clinic: number;
  name: string | undefined;
  zone: string | undefined;
}

export const HereContext = createContext<Here | undefined>(undefined);

export function useHere(): Here {
  const found = useContext(HereContext);
  if (!found) {
    throw new Error("this is shown inside of a clinic only");
  }
  return found;
}
