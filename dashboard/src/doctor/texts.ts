import { doctor as ar } from "../i18n/ar/doctor";
import { doctor as en } from "../i18n/en/doctor";
import { messages } from "../i18n/messages";

export const useDoctorTexts = messages({ en, ar });
