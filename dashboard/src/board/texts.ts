import { board as ar } from "../i18n/ar/board";
import { board as en } from "../i18n/en/board";
import { messages } from "../i18n/messages";

export const useBoardTexts = messages({ en, ar });
