import type { KeymapLayer } from "./keymap";

const STORED = "tracklane.keymap";

/** The shortcuts that this person changed, kept in this browser. */
export function personLayer(): KeymapLayer {
  try {
    return JSON.parse(localStorage.getItem(STORED) ?? "{}") as KeymapLayer;
  } catch {
    return {};
  }
}
