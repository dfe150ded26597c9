import { asProblem } from "./api/problem";
import { t } from "./i18n/index.svelte";

export interface Toast {
  id: number;
  kind: "info" | "good" | "bad";
  text: string;
  /** What a click on the text does. */
  action?: (() => void) | undefined;
}

let next = 1;
export const toasts = $state<Toast[]>([]);

/** Tell something at the top right; bad news stays longer. */
export function toast(
  text: string,
  kind: Toast["kind"] = "info",
  seconds = kind === "bad" ? 10 : 6,
  action?: () => void,
): void {
  if (toasts.some((shown) => shown.text === text)) return;
  const id = next++;
  toasts.push({ id, kind, text, action });
  setTimeout(() => dismiss(id), seconds * 1000);
}

export function dismiss(id: number): void {
  const at = toasts.findIndex((one) => one.id === id);
  if (at >= 0) toasts.splice(at, 1);
}

/** What went wrong, in words for the person. */
export function words(error: unknown): string {
  const problem = asProblem(error);
  return problem.status === 0 ? t("error.offline") : problem.sentence;
}

export function toastProblem(error: unknown): void {
  toast(words(error), "bad");
}
