/** How numbers, money and times are written in one language; times are shown in the clinic's own zone. */
export interface Formats {
  locale: string;
  number(value: number): string;
  money(amount: number): string;
  /** The hour and minute. */
  time(moment: string | number | Date, zone?: string): string;
  /** The hour, minute and second. */
  clock(moment: string | number | Date, zone?: string): string;
  day(moment: string | number | Date, zone?: string): string;
  /** The day with its year: for what may be long ago. */
  date(moment: string | number | Date, zone?: string): string;
  /** How long, from minutes: "12 min", "1 h 5 min". */
  minutes(minutes: number): string;
  plural(count: number, forms: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }): string;
}

const kept = new Map<string, Formats>();

/** The formats of a locale, made once. */
export function formatsOf(locale: string): Formats {
  const found = kept.get(locale) ?? made(locale);
  kept.set(locale, found);
  return found;
}

function made(locale: string): Formats {
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const money = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  // British "mins" is wider than it need be.
  const short = locale.startsWith("en") ? "en-US" : locale;
  const unit = (name: "minute" | "hour") =>
    new Intl.NumberFormat(short, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: 0 });
  const [minute, hour] = [unit("minute"), unit("hour")];
  const rules = new Intl.PluralRules(locale);
  const dated = new Map<string, Intl.DateTimeFormat>();

  function written(kind: string, options: Intl.DateTimeFormatOptions, zone?: string): Intl.DateTimeFormat {
    const key = `${kind} ${zone ?? ""}`;
    const found = dated.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
    dated.set(key, found);
    return found;
  }

  const hm = { hour: "2-digit", minute: "2-digit" } as const;
  return {
    locale,
    number: (value) => number.format(value),
    money: (amount) => money.format(amount),
    time: (moment, zone) => written("time", hm, zone).format(new Date(moment)),
    clock: (moment, zone) => written("clock", { ...hm, second: "2-digit" }, zone).format(new Date(moment)),
    day: (moment, zone) =>
      written("day", { weekday: "long", day: "numeric", month: "long" }, zone).format(new Date(moment)),
    date: (moment, zone) =>
      written("date", { day: "numeric", month: "long", year: "numeric" }, zone).format(new Date(moment)),
    minutes(minutes) {
      const whole = Math.max(0, Math.floor(minutes));
      const rest = minute.format(whole % 60);
      return whole < 60 ? rest : `${hour.format(Math.floor(whole / 60))} ${rest}`;
    },
    plural: (count, forms) => forms[rules.select(count)] ?? forms.other,
  };
}
