import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Suspense, useCallback, useEffect, useMemo, useState } from "react";

import { Api, Refused } from "../api/request";
import { LanguageProvider } from "../i18n/language";
import { connect, type Realtime } from "../realtime";
import { ErrorBoundary } from "./ErrorBoundary";
import { later } from "./later";
import { forgetSession, takeSession, type Session } from "./session";
import { Shell } from "./Shell";
import { SignedInContext } from "./signedIn";
import { Toasts } from "./toasts";
import { useTheme } from "./theme";

import "./theme.css";
import "./controls/controls.css";
import "./shell.css";

const SignIn = later(() => import("./SignIn"));

/** Events say when something has changed; a query by itself is asked again only where it failed in passing. */
export function queryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: "always",
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        staleTime: 30_000,
        retry: (count, error) => count < 3 && error instanceof Refused && error.passing,
        retryDelay: (count) => Math.min(500 * 2 ** count, 4_000),
      },
      mutations: { networkMode: "always" },
    },
  });
}

export function App() {
  useTheme();
  const [session, setSession] = useState(takeSession);
  const [expired, setExpired] = useState(false);

  useEffect(() => {
    // Another sign-in link opened in this tab.
    const changed = () => location.hash.includes("token=") && setSession(takeSession());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);

  const leave = useCallback((because: "asked" | "expired") => {
    forgetSession();
    setExpired(because === "expired");
    setSession(undefined);
  }, []);

  return (
    <LanguageProvider>
      {session ? (
        <Home key={session.token} session={session} leave={leave} />
      ) : (
        // Taken up as a link's is.
        <Suspense>
          <SignIn expired={expired} onToken={(token) => location.assign(`#token=${token}`)} />
        </Suspense>
      )}
      {/* Apart: what fails in telling must not take the page with it. */}
      <ErrorBoundary instead={null}>
        <Toasts />
      </ErrorBoundary>
    </LanguageProvider>
  );
}

function Home({ session, leave }: { session: Session; leave: (because: "asked" | "expired") => void }) {
  const [client] = useState(queryClient);
  const [api] = useState(() => new Api(session.token, () => leave("expired")));
  const [realtime, setRealtime] = useState<Realtime>();
  useEffect(() => {
    const line = connect({ token: () => session.token });
    setRealtime(line);
    return () => line.close();
  }, [session]);
  const signedIn = useMemo(
    () => realtime && { session, api, realtime, signOut: () => leave("asked") },
    [session, api, realtime, leave],
  );
  return (
    signedIn && (
      <SignedInContext value={signedIn}>
        <QueryClientProvider client={client}>
          <Shell />
        </QueryClientProvider>
      </SignedInContext>
    )
  );
}
