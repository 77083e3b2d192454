import { cashier as ar } from "../i18n/ar/cashier";
import { cashier as en } from "../i18n/en/cashier";
import { messages } from "../i18n/messages";

export const useCashierTexts = messages({ en, ar });
