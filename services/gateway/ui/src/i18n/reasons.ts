import { amount, i18n, type Locale } from "./index.svelte";

type Value = string | number | boolean | null | Reason | readonly Value[];

/** The reason of a refusal or failure. An HTTP error has `detail` instead of `message`. */
export interface Reason {
  code?: string | null | undefined;
  params?: Readonly<Record<string, unknown>> | null | undefined;
  message?: string | null | undefined;
  detail?: string | null | undefined;
}

type Templates = Record<string, string>;

/** The templates of all languages except English, in which the service writes the message. */
const TEMPLATES: Partial<Record<Locale, Templates>> = {
  "zh-TW": merged(import.meta.glob<Templates>("./errors/zh-TW/*.json", { eager: true, import: "default" })),
};

function merged(areas: Record<string, Templates>): Templates {
  return Object.assign({}, ...Object.values(areas)) as Templates;
}

/** Codes whose message is more specific than a template. */
const GENERIC = new Set(["bad_request", "invalid_value"]);

/** The sentence of a reason in the chosen language; the service's own message where there is no template. */
export function sentenceOf(reason: Reason | string | null | undefined): string {
  if (!reason) return "";
  if (typeof reason === "string") return reason;
  const { code, params, message = reason.detail } = reason;
  const template = code ? TEMPLATES[i18n.locale]?.[code] : undefined;
  if (template !== undefined && !(message && code && GENERIC.has(code))) return fillIn(template, params ?? {});
  return message || code || "";
}

/** A template with its `{names}` filled in; a nested reason becomes its sentence. */
export function fillIn(template: string, params: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => shown(params[name] as Value | undefined));
}

function shown(value: Value | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return amount(value);
  if (Array.isArray(value)) return (value as readonly Value[]).map(shown).join(i18n.locale === "zh-TW" ? "、" : ", ");
  return typeof value === "object" ? sentenceOf(value as Reason) : String(value);
}
