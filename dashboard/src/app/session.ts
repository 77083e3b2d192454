/** Who is signed in: what the token says. The server checks it; here it only decides what is shown. */
export interface Session {
  token: string;
  sub: string;
  name: string;
  role: Role;
  clinics: readonly number[] | "*";
  doctorId: number | undefined;
}

export type Role = "receptionist" | "doctor" | "cashier" | "admin" | "display";

const ROLES: readonly string[] = ["receptionist", "doctor", "cashier", "admin", "display"] satisfies Role[];

const KEY = "clinicwire.token";

/** The session of a sign-in link's token, or of this tab's earlier one. */
export function takeSession(): Session | undefined {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    // In this tab only, and off the address bar: nobody reads it there, and no history keeps it.
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  const token = given ?? sessionStorage.getItem(KEY);
  return token ? sessionOf(token) : undefined;
}

export function forgetSession(): void {
  sessionStorage.removeItem(KEY);
}

/** What a token says, undefined when it is none or has expired. */
export function sessionOf(token: string, now = Date.now()): Session | undefined {
  const claims = claimsOf(token);
  if (!claims || typeof claims["role"] !== "string" || !ROLES.includes(claims["role"])) {
    return undefined;
  }
  if (typeof claims["exp"] === "number" && claims["exp"] * 1000 <= now) {
    return undefined;
  }
  const { clinics, doctor_id: doctor } = claims;
  return {
    token,
    sub: String(claims["sub"]),
    name: typeof claims["name"] === "string" ? claims["name"] : "",
    role: claims["role"] as Role,
    clinics: clinics === "*" ? "*" : Array.isArray(clinics) ? clinics.filter(Number.isSafeInteger) : [],
    doctorId: typeof doctor === "number" ? doctor : undefined,
  };
}

function claimsOf(token: string): Record<string, unknown> | undefined {
  try {
    const payload = atob((token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/"));
    const bytes = Uint8Array.from(payload, (character) => character.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === "object" && claims !== null ? (claims as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
