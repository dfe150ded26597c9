import en from "./en";

// A typed lookup instead of a library, because flat files need no message compiler or loader.
export type Locale = "en" | "zh-TW";
export type Key = keyof typeof en;
type Messages = Record<Key, string>;
type Params = Record<string, string | number>;

export const LOCALES: Record<Locale, string> = { en: "English", "zh-TW": "繁體中文" };
const areas = import.meta.glob<Partial<Messages>>("./zh-TW/*.json", { eager: true, import: "default" });
/** The sentences of every language; a test compares their keys. */
export const MESSAGES: Record<Locale, Messages> = {
  en,
  "zh-TW": Object.assign({}, ...Object.values(areas)) as Messages,
};
const STORED = "tracklane.locale";

function first(): Locale {
  const stored = globalThis.localStorage?.getItem(STORED);
  if (stored === "en" || stored === "zh-TW") return stored;
  return globalThis.navigator?.language?.startsWith("zh") ? "zh-TW" : "en";
}

let locale = $state<Locale>(first());

export const i18n = {
  get locale(): Locale {
    return locale;
  },
  set locale(chosen: Locale) {
    locale = chosen;
    localStorage.setItem(STORED, chosen);
    document.documentElement.lang = chosen;
  },
};

/** The text of `key`, its `{names}` filled in. A text `one ¦ other` is chosen by `n`. */
export function t(key: Key, params: Params = {}): string {
  const forms = MESSAGES[locale][key].split(" ¦ ");
  const one = new Intl.PluralRules(locale).select(Number(params["n"] ?? 2)) === "one";
  const text = one || forms.length === 1 ? forms[0]! : forms[1]!;
  return text.replace(/\{(\w+)\}/g, (_, name: string) => shown(params[name]));
}

function shown(value: string | number | undefined): string {
  return typeof value === "number" ? value.toLocaleString(locale) : (value ?? "");
}

/** A size such as `12.4 MB`. */
export function bytes(count: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  const power = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(count) / Math.log(1000)));
  const value = count / 1000 ** power;
  return `${value.toLocaleString(locale, { maximumFractionDigits: power === 0 || value >= 100 ? 0 : 1 })} ${units[power]}`;
}

/** A length such as `1:05` or `1:02:03`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const pad = (part: number): string => String(part).padStart(2, "0");
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

/** A day such as `21 Nov 2026`. */
export function day(at: string | number): string {
  const date = new Date(typeof at === "number" ? at * 1000 : at);
  return date.toLocaleDateString(locale, { year: "numeric", month: "short", day: "numeric" });
}

/** A number such as `12,345`. */
export function amount(count: number): string {
  return count.toLocaleString(locale);
}

/** A share such as `42 %`. */
export function percent(share: number): string {
  return share.toLocaleString(locale, { style: "percent", maximumFractionDigits: 0 });
}
