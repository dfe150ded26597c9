import zhTW from "./content.zh-TW.json";
import { i18n } from "./index.svelte";

const TRANSLATED: Readonly<Record<string, string>> = zhTW;

/** What formats leave out, which the service says in English, in the person's language. */
export function content(words: string): string {
  return i18n.locale === "zh-TW" ? (TRANSLATED[words] ?? words) : words;
}
