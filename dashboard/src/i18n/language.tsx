import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { I18nProvider } from "react-aria-components";

import { kept } from "../app/kept";
import { formatsOf, type Formats } from "./formats";

export type Language = "en" | "ar";

/** The clinic's Arabic is Egypt's: Arabic digits, right to left. */
export const LOCALES: Record<Language, string> = { en: "en-GB", ar: "ar-EG" };

interface Chosen {
  language: Language;
  choose(language: Language): void;
}

const LanguageContext = createContext<Chosen>({ language: "en", choose: () => undefined });

function preferred(): Language {
  const own = kept.read("language") ?? navigator.language;
  return own.startsWith("ar") ? "ar" : "en";
}

/** Everything inside is in the chosen language; the choice is kept in this browser. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(preferred);
  const choose = useCallback((next: Language) => {
    kept.write("language", next);
    setLanguage(next);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
  }, [language]);
  const chosen = useMemo(() => ({ language, choose }), [language, choose]);
  return (
    <LanguageContext value={chosen}>
      <I18nProvider locale={LOCALES[language]}>{children}</I18nProvider>
    </LanguageContext>
  );
}

export function useLanguage(): Chosen {
  return useContext(LanguageContext);
}

/** How numbers, money and times are written here. */
export function useFormats(): Formats {
  return formatsOf(LOCALES[useLanguage().language]);
}
