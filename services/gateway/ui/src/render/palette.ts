function token(name: string): string {
  // Unit tests run without a document.
  return globalThis.document ? getComputedStyle(document.documentElement).getPropertyValue(`--canvas-${name}`).trim() : "";
}

/** The colors of the canvas other than those of categories, from the style sheet. */
export const PALETTE = {
  empty: token("empty"),
  ink: token("ink"),
  light: token("light"),
  rim: token("rim"),
  textRim: token("text-rim"),
  crosshair: token("crosshair"),
  theirs: token("theirs"),
  unclassified: token("unclassified"),
};

/** The dark or the light color, whichever is more legible on `color` (`#rrggbb`; weights of ITU-R BT.601). */
export function legibleOn(color: string): string {
  const value = Number.parseInt(color.slice(1), 16);
  const brightness = 0.299 * (value >> 16) + 0.587 * ((value >> 8) & 255) + 0.114 * (value & 255);
  return brightness > 140 ? PALETTE.ink : PALETTE.light;
}
