import { app as ar } from "../i18n/ar/app";
import { app as en } from "../i18n/en/app";
import { messages } from "../i18n/messages";

export const useAppTexts = messages({ en, ar });
