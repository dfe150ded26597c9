import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = new URL("../../src", import.meta.url).pathname;
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)"(\.[^"]+)"/g;

const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(ts|svelte)$/.test(name) && !name.endsWith(".d.ts"))
  .map((name) => join(SRC, name));

/** The files that a file imports, types as well. */
function importsOf(file: string): string[] {
  const specifiers = [...readFileSync(file, "utf8").matchAll(IMPORT)].map(([, specifier]) => specifier!);
  return specifiers.flatMap((specifier) => resolve(normalize(join(dirname(file), specifier))) ?? []);
}

function resolve(path: string): string | undefined {
  return [path, `${path}.ts`, join(path, "index.ts")].find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
}

const graph = new Map(sources.map((file) => [relative(SRC, file), importsOf(file).map((path) => relative(SRC, path))]));

/** One import cycle for each file that closes it. */
function cycles(): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) return void found.push([...path.slice(path.indexOf(file)), file].join(" → "));
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}

/** Imports from files of a folder into `editor` other than its API. */
function aroundApi(folder: string): string[] {
  return [...graph]
    .filter(([file]) => file.startsWith(`${folder}/`))
    .flatMap(([file, imports]) => imports.filter((path) => path.startsWith("editor/") && path !== "editor/api.ts").map((path) => `${file} → ${path}`));
}

/** Which folders a folder may import, besides itself and what everyone uses. */
const ALLOWED: Record<string, readonly string[]> = {
  shapes: [],
  render: ["shapes", "frames"],
  frames: [],
  sync: [],
  editor: ["shapes", "render", "frames", "sync"],
  tools: ["editor", "shapes", "render"],
  keymap: ["editor"],
  commands: ["editor", "keymap", "tools"],
  panels: ["editor", "shapes", "commands", "components"],
};
const EVERYWHERE = ["api", "i18n"];

function outOfOrder(): string[] {
  return [...graph].flatMap(([file, imports]) => {
    const folder = file.split("/")[0]!;
    const allowed = ALLOWED[folder];
    if (!allowed) return [];
    const isAllowed = (path: string): boolean => !path.includes("/") || [folder, ...allowed, ...EVERYWHERE].includes(path.split("/")[0]!);
    return imports.filter((path) => !isAllowed(path)).map((path) => `${file} → ${path}`);
  });
}

describe("imports", () => {
  it("are found", () => {
    expect(graph.get("tools/registry.ts")).toContain("tools/select.ts");
    expect(graph.get("panels/registry.ts")).toContain("panels/timeline/Timeline.svelte");
  });

  it("have no cycles", () => {
    expect(cycles()).toEqual([]);
  });

  it.each(["tools", "commands", "panels", "keymap"])("of %s into the editor go through its API", (folder) => {
    expect(aroundApi(folder)).toEqual([]);
  });

  it("follow the layers from screens to shapes", () => {
    expect(outOfOrder()).toEqual([]);
  });
});
