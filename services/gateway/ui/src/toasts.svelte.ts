import { asProblem } from "./api/problem";
import { t } from "./i18n/index.svelte";

export interface Toast {
  id: number;
  kind: "info" | "good" | "bad";
  text: string;
  /** Runs when the text is clicked. */
  action?: (() => void) | undefined;
}

let nextId = 1;
export const toasts = $state<Toast[]>([]);

/** Show a notification at the top right; errors stay longer. */
export function toast(
  text: string,
  kind: Toast["kind"] = "info",
  seconds = kind === "bad" ? 10 : 6,
  action?: () => void,
): void {
  if (toasts.some((shown) => shown.text === text)) return;
  const id = nextId++;
  toasts.push({ id, kind, text, action });
  setTimeout(() => dismiss(id), seconds * 1000);
}

export function dismiss(id: number): void {
  const at = toasts.findIndex((entry) => entry.id === id);
  if (at >= 0) toasts.splice(at, 1);
}

/** The sentence about an error, in the chosen language. */
export function errorMessage(error: unknown): string {
  const problem = asProblem(error);
  if (problem.status === 0) return t("error.offline");
  return problem.sentence || t("error.unexpected", { status: String(problem.status) });
}

export function toastProblem(error: unknown): void {
  toast(errorMessage(error), "bad");
}
