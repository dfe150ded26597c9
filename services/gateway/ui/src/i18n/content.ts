import zhTW from "./content.zh-TW.json";
import { i18n } from "./index.svelte";

const TRANSLATED: Readonly<Record<string, string>> = zhTW;

/** What the service says in English, of what formats leave out and of why something was not imported, in the person's
 * language; as it was said where it has no words for it. */
export function content(words: string): string {
  return i18n.locale === "zh-TW" ? (TRANSLATED[words] ?? words) : words;
}
