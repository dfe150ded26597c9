import { beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../../src/api/problem";
import type { Import } from "../../src/api/types";
import { Importing, MOST_BYTES } from "../../src/screens/project/importing.svelte";
import { ImportList } from "../../src/screens/project/imports.svelte";

const calls = vi.hoisted(() => ({ startImport: vi.fn(), listImports: vi.fn(), readImport: vi.fn() }));
vi.mock("../../src/api/calls", () => calls);
const importOf = (more: Partial<Import> = {}): Import => ({ id: "i", state: "queued", ...more }) as Import;
const file = new File(["{}"], "labels.json");

describe("importing", () => {
  let work: Importing;
  let imports: ImportList;

  beforeEach(() => {
    vi.resetAllMocks();
    imports = new ImportList("p");
    work = new Importing("p", imports);
    work.choose(file);
  });
  const sentBy = (attempt: number): unknown[] => calls.startImport.mock.calls[attempt] as unknown[];

  it("sends only what was chosen", async () => {
    calls.startImport.mockResolvedValue(importOf());
    work.format = "COCO 1.0";
    await work.send(true);
    expect(sentBy(0).slice(0, 3)).toEqual([
      "p",
      file,
      { name: "labels.json", format: "COCO 1.0", dry_run: true, add_classes: true },
    ]);
    expect([work.told?.id, work.busy]).toEqual(["i", true]);
  });

  it("is the same import when no answer came and it is sent again, and another when something else is asked", async () => {
    calls.startImport.mockRejectedValueOnce(new Problem(0, "offline")).mockResolvedValue(importOf({ state: "done" }));
    await work.send(true);
    expect([work.problem?.status, work.busy]).toEqual([0, false]);
    await work.send(true);
    await work.send(false);
    await work.send(false);
    const keys = [0, 1, 2, 3].map((at) => sentBy(at)[3]);
    expect(keys[1]).toBe(keys[0]);
    expect(new Set(keys).size).toBe(3);
  });

  it("sends no file that is empty or larger than the service takes, and none that no labels may go to", async () => {
    const sized = (size: number): File => Object.defineProperty(new File(["{}"], "a.zip"), "size", { value: size });
    for (const [chosen, files] of [
      [sized(0), null],
      [sized(MOST_BYTES + 1), null],
      [file, new Set<string>()],
    ] as const) {
      work.choose(chosen);
      work.files = files;
      await work.send(true);
      expect([work.ready, calls.startImport.mock.calls.length]).toEqual([false, 0]);
    }
  });

  it("is over quietly when it is stopped on its way", async () => {
    calls.startImport.mockImplementation(
      (...given: unknown[]) =>
        new Promise((_, reject) =>
          (given[5] as AbortSignal).addEventListener("abort", () => reject(new Problem(0, "offline"))),
        ),
    );
    const sending = work.send(true);
    expect(work.busy).toBe(true);
    work.stop();
    await sending;
    expect([work.busy, work.problem, work.told]).toEqual([false, null, undefined]);
  });

  it("follows what the service tells", async () => {
    calls.startImport.mockResolvedValue(importOf());
    await work.send(false);
    const data = { import_id: "i", name: "labels.json", state: "running", progress: 0.4, dry_run: false } as const;
    imports.hear({
      type: "import.changed",
      sequence: 1,
      data: { ...data, created: 4, unchanged: 1, refused: 0, skipped: 2, reason: null },
    });
    expect(work.told).toMatchObject({ state: "running", progress: 0.4, created: 4, skipped_total: 2 });
  });
});
