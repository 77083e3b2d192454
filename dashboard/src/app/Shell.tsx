import { useQuery } from "@tanstack/react-query";
import { Suspense, useEffect, useMemo, useSyncExternalStore } from "react";
import { Button, Link } from "react-aria-components";

import { clinicsQuery } from "../api/queries";
import { useLanguage } from "../i18n/language";
import { Icon, Mark } from "./controls/Icon";
import { Pick } from "./controls/Pick";
import { ErrorBoundary } from "./ErrorBoundary";
import { pagesOf, type PageName } from "./pages";
import { go, usePlace } from "./place";
import { HereContext, useHere, useSignedIn, type Here } from "./signedIn";
import { StatusBar } from "./StatusBar";
import { useAppTexts } from "./texts";
import { Today } from "./Today";
import { useTheme } from "./theme";

/** The page that the address and the role ask for, under the header that all share. */
export function Shell() {
  const { session, api } = useSignedIn();
  const texts = useAppTexts();
  const { path, clinic: wanted } = usePlace();
  const own = pagesOf(session.role);
  const page = own.find(({ name }) => `/${name}` === path) ?? own[0];

  // A screen on the wall may read no route.
  const known = useQuery({ ...clinicsQuery(api), enabled: session.role !== "display" }).data;
  const clinics = useMemo(() => {
    const { clinics: mine } = session;
    if (mine === "*") {
      return known ?? [];
    }
    return mine.map((id) => known?.find((one) => one.id === id) ?? { id, name: "", time_zone: undefined });
  }, [session, known]);
  const clinic = clinics.find(({ id }) => id === wanted) ?? clinics[0];
  const here = useMemo<Here | undefined>(
    () => clinic && { clinic: clinic.id, name: clinic.name || undefined, zone: clinic.time_zone },
    [clinic],
  );

  useEffect(() => {
    if (page && path !== `/${page.name}`) {
      go(`/${page.name}${location.search}`, "replace");
    }
  }, [page, path]);
  useEffect(() => {
    document.title = page ? `${texts.pages[page.name]} · Clinicwire` : "Clinicwire";
  }, [page, texts]);

  if (!page || !here) {
    return <p className="notice">{page ? texts.loading : texts.noPage}</p>;
  }
  const Shown = page.show;
  return (
    <HereContext value={here}>
      {!page.bare && <Header page={page.name} clinics={clinics} />}
      {!page.bare && <Cut />}
      <ErrorBoundary key={page.name}>
        <Suspense fallback={<p className="notice">{texts.loading}</p>}>
          <Shown key={here.clinic} />
        </Suspense>
      </ErrorBoundary>
    </HereContext>
  );
}

/** Says that what is shown may no longer be so. */
function Cut() {
  const { realtime } = useSignedIn();
  const texts = useAppTexts();
  const state = useSyncExternalStore(realtime.subscribe, realtime.state);
  return (
    <p className="cut" role="status">
      {state === "offline" && texts.offlineTold}
    </p>
  );
}

function Header({ page, clinics }: { page: PageName; clinics: readonly { id: number; name: string }[] }) {
  const { session, signOut } = useSignedIn();
  const here = useHere();
  const { clinic } = usePlace();
  const texts = useAppTexts();
  const { language, choose } = useLanguage();
  const [theme, chooseTheme] = useTheme();
  const own = pagesOf(session.role);
  const search = clinic === undefined ? "" : `?clinic=${clinic}`;
  return (
    <header className="header">
      <div className="brand">
        <Mark />
        <h1>{texts.pages[page]}</h1>
      </div>
      {own.length > 1 && (
        <nav aria-label={texts.pageList}>
          {own.map(({ name }) => (
            <Link
              key={name}
              href={`/${name}${search}`}
              aria-current={name === page ? "page" : undefined}
              onClick={(event) => {
                event.preventDefault();
                go(`/${name}${search}`);
              }}
            >
              {texts.pages[name]}
            </Link>
          ))}
        </nav>
      )}
      {clinics.length > 1 ? (
        <Pick
          label={texts.clinic}
          options={clinics}
          value={here.clinic}
          onPick={(id) => go(`/${page}?clinic=${id}`)}
        />
      ) : (
        <span className="clinic-name" dir="auto">{clinics[0]?.name}</span>
      )}
      <Today />
      <StatusBar />
      <div className="header-end">
        <Button className="button quiet" onPress={() => choose(language === "ar" ? "en" : "ar")}>
          <span lang={language === "ar" ? "en" : "ar"}>{texts.language}</span>
        </Button>
        <Button
          className="icon-button"
          aria-label={theme === "dark" ? texts.toLight : texts.toDark}
          onPress={() => chooseTheme(theme === "dark" ? "light" : "dark")}
        >
          <Icon name={theme === "dark" ? "sun" : "moon"} />
        </Button>
        <Button className="icon-button" aria-label={texts.signOut} onPress={signOut}>
          <Icon name="exit" />
        </Button>
      </div>
    </header>
  );
}
