import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const SOURCES = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((path) => /\.(svelte|ts|css)$/.test(path));
const TOKENS = "styles/tokens.css";
const read = (path: string): string => readFileSync(`src/${path}`, "utf8");
const LITERAL = /#[0-9a-f]{3,8}\b(?!})|\b(?:rgb|hsl|oklch|lab)a?\(\s*\d|:\s*(?:white|black|red|green|blue|gray|grey)\b/gi;
/** A foreground and the background it is read on. */
const PAIRS = [
  ["text", "ground"],
  ["text", "surface"],
  ["text-soft", "ground"],
  ["text-soft", "surface"],
  ["text-soft", "sunken"],
  ["text-faint", "surface"],
  ["accent", "surface"],
  ["accent", "accent-soft"],
  ["danger", "surface"],
  ["danger", "danger-soft"],
  ["warn", "warn-soft"],
  ["good", "good-soft"],
  ["on-accent", "accent"],
  ["on-danger", "danger"],
] as const;

type Theme = Record<string, string>;

/** The colors of the light theme, the dark theme and the labeling screen. */
function themes(): Theme[] {
  const tokens = read(TOKENS);
  const pairs = [...tokens.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)];
  const [light, dark] = [2, 3].map((side) => Object.fromEntries(pairs.map((pair) => [pair[1]!, pair[side]!])));
  const overrides = tokens.slice(tokens.lastIndexOf(".labeling")).matchAll(/--([\w-]+): (#[0-9a-f]{6})/g);
  const labeling = { ...dark, ...Object.fromEntries([...overrides].map(([, name, color]) => [name!, color!])) };
  return [light!, dark!, labeling];
}

function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = parseInt(color.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

describe("colors", () => {
  it("are defined in the tokens only", () => {
    const elsewhere = SOURCES.filter((path) => path !== TOKENS && !path.endsWith("schema.d.ts")).flatMap((path) =>
      (read(path).match(LITERAL) ?? []).map((color) => `${path}: ${color}`),
    );

    expect(SOURCES).toContain(TOKENS);
    expect(elsewhere).toEqual([]);
  });

  it("leave text readable in the light, dark and labeling themes", () => {
    const faint = themes().flatMap((theme, at) =>
      PAIRS.map(([a, b]) => ({ theme: at, a, b, ratio: contrast(theme[a]!, theme[b]!) })).filter((pair) => pair.ratio < 4.5),
    );

    expect(themes()).toHaveLength(3);
    expect(faint).toEqual([]);
  });
});
