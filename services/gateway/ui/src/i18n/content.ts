import zhTW from "./content.zh-TW.json";
import { i18n } from "./index.svelte";

const TRANSLATED: Readonly<Record<string, string>> = zhTW;

/** What the service says in English, of what formats leave out and of why something was not imported, in the person's
 * language; as it was said where it has no words for it. A name may stand before it, as in `host: It refused.` */
export function content(words: string): string {
  if (i18n.locale !== "zh-TW") return words;
  const at = words.indexOf(": ");
  const after = at < 0 ? undefined : TRANSLATED[words.slice(at + 2)];
  return TRANSLATED[words] ?? (after ? `${words.slice(0, at)}：${after}` : words);
}
