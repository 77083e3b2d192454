import { formatsOf, type Formats } from "./formats";
import { LOCALES, useLanguage, type Language } from "./language";

/** What a part of the screen says in one language: texts, and functions for those that hold a value. */
export type Catalogue<M> = (formats: Formats) => M;

/** A hook that answers the texts of a part in the language chosen; the other language must have the same. */
export function messages<M>(catalogues: Record<Language, Catalogue<M>>): () => M {
  const made = new Map<Language, M>();
  return function useTexts() {
    const { language } = useLanguage();
    const found = made.get(language) ?? catalogues[language](formatsOf(LOCALES[language]));
    made.set(language, found);
    return found;
  };
}
