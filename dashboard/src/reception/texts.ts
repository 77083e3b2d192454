import { reception as ar } from "../i18n/ar/reception";
import { reception as en } from "../i18n/en/reception";
import { messages } from "../i18n/messages";

export const useReceptionTexts = messages({ en, ar });
