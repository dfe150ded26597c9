import { beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../../src/api/problem";
import type { Import } from "../../src/api/types";
import { ImportSession, MAX_BYTES } from "../../src/screens/project/imports/import-session.svelte";
import { ImportList } from "../../src/screens/project/imports/import-list.svelte";
import { concernsBucket, pathOf } from "../../src/screens/project/bucket";

const calls = vi.hoisted(() => ({
  commitImport: vi.fn(),
  startImport: vi.fn(),
  startBucketImport: vi.fn(),
  listImports: vi.fn(),
  readImport: vi.fn(),
}));
vi.mock("../../src/api/imports", () => calls);
const importOf = (more: Partial<Import> = {}): Import => ({ id: "i", state: "queued", ...more }) as Import;
const file = new File(["{}"], "labels.json");

const theirs = { endpoint: "s3.example.org", bucket: "labels", folder: "set", access_key: "a", secret_key: "s" };

describe("importing", () => {
  let importSession: ImportSession;
  let imports: ImportList;

  beforeEach(() => {
    vi.resetAllMocks();
    imports = new ImportList("p");
    importSession = new ImportSession("p", imports);
    importSession.choose(file);
  });
  const sentBy = (attempt: number): unknown[] => calls.startImport.mock.calls[attempt] as unknown[];

  it("sends only what was chosen", async () => {
    calls.startImport.mockResolvedValue(importOf());
    importSession.format = "COCO 1.0";
    await importSession.send(true);
    expect(sentBy(0).slice(0, 3)).toEqual([
      "p",
      file,
      { name: "labels.json", format: "COCO 1.0", dry_run: true, add_classes: true },
    ]);
    expect([importSession.current?.id, importSession.busy]).toEqual(["i", true]);
  });

  it("is the same import when no answer came and it is sent again, and another when something else is asked", async () => {
    calls.startImport.mockRejectedValueOnce(new Problem(0, "offline")).mockResolvedValue(importOf({ state: "done" }));
    await importSession.send(true);
    expect([importSession.problem?.status, importSession.busy]).toEqual([0, false]);
    await importSession.send(true);
    await importSession.send(false);
    await importSession.send(false);
    const keys = [0, 1, 2, 3].map((at) => sentBy(at)[3]);
    expect(keys[1]).toBe(keys[0]);
    expect(new Set(keys).size).toBe(3);
  });

  it("sends no file that is empty or larger than the service takes, and none that no labels may go to", async () => {
    const sized = (size: number): File => Object.defineProperty(new File(["{}"], "a.zip"), "size", { value: size });
    for (const [chosen, files] of [
      [sized(0), null],
      [sized(MAX_BYTES + 1), null],
      [file, new Set<string>()],
    ] as const) {
      importSession.choose(chosen);
      importSession.files = files;
      await importSession.send(true);
      expect([importSession.ready, calls.startImport.mock.calls.length]).toEqual([false, 0]);
    }
  });

  it("is over quietly when it is stopped on its way", async () => {
    calls.startImport.mockImplementation(
      (...given: unknown[]) =>
        new Promise((_, reject) =>
          (given[5] as AbortSignal).addEventListener("abort", () => reject(new Problem(0, "offline"))),
        ),
    );
    const sending = importSession.send(true);
    expect(importSession.busy).toBe(true);
    importSession.cancelUpload();
    await sending;
    expect([importSession.busy, importSession.problem, importSession.current]).toEqual([false, null, undefined]);
  });

  it("follows what the service tells", async () => {
    calls.startImport.mockResolvedValue(importOf());
    await importSession.send(false);
    const data = { import_id: "i", name: "labels.json", state: "running", progress: 0.4, dry_run: false } as const;
    imports.receive({
      type: "import.changed",
      sequence: 1,
      data: { ...data, created: 4, unchanged: 1, refused: 0, skipped: 2, reason: null },
    });
    expect(importSession.current).toMatchObject({ state: "running", progress: 0.4, created: 4, skipped_total: 2 });
  });
});

describe("importing from another S3", () => {
  let importSession: ImportSession;

  beforeEach(() => {
    vi.resetAllMocks();
    importSession = new ImportSession("p", new ImportList("p"), true);
    Object.assign(importSession.source, theirs);
  });
  const sentBy = (attempt: number): unknown[] => calls.startBucketImport.mock.calls[attempt] as unknown[];

  it("tells where the labels lie, and forgets the keys once what was looked at is imported", async () => {
    calls.startBucketImport.mockResolvedValue(importOf({ state: "done", dry_run: true }));
    calls.commitImport.mockResolvedValue(importOf({ state: "queued", dry_run: false }));
    await importSession.send(true);
    expect(sentBy(0).slice(0, 2)).toEqual([
      "p",
      { name: "", dry_run: true, add_classes: true, source: { ...theirs, region: "us-east-1" } },
    ]);
    expect(importSession.source.secret_key).toBe("s");
    await importSession.commit();
    expect([calls.commitImport.mock.calls, importSession.current?.state]).toEqual([[["i"]], "queued"]);
    expect(importSession.source).toMatchObject({ bucket: "labels", access_key: "", secret_key: "" });
    expect([importSession.uploading, calls.startImport.mock.calls.length]).toEqual([false, 0]);
  });

  it("is sent again when what was looked at is kept no more", async () => {
    calls.startBucketImport.mockResolvedValue(importOf({ state: "done", dry_run: true }));
    calls.commitImport.mockRejectedValue(new Problem(409, "Not kept"));
    await importSession.send(true);
    await importSession.commit();
    expect([importSession.current, importSession.problem?.status, importSession.source.secret_key]).toEqual([undefined, 409, "s"]);
  });

  it("is the same import when no answer came, and another with other keys", async () => {
    calls.startBucketImport.mockRejectedValue(new Problem(0, "offline"));
    await importSession.send(false);
    await importSession.send(false);
    importSession.source.secret_key = "right";
    await importSession.send(false);
    const keys = [0, 1, 2].map((at) => sentBy(at)[2]);
    expect([keys[1] === keys[0], keys[2] === keys[0], importSession.source.secret_key]).toEqual([true, false, "right"]);
  });

  it("is not sent while something is missing, which is said as long as it is asked for", async () => {
    importSession.source.bucket = " ";
    await importSession.send(true);
    expect([importSession.submitted, importSession.busy, calls.startBucketImport.mock.calls.length]).toEqual([true, false, 0]);
    importSession.setSource(false);
    expect([importSession.submitted, importSession.ready]).toEqual([false, false]);
    importSession.setSource(true);
    Object.assign(importSession.source, { bucket: "labels", folder: "" });
    calls.startBucketImport.mockResolvedValue(importOf());
    await importSession.send(true);
    expect([importSession.current?.id, importSession.submitted]).toEqual(["i", false]);
  });

  it("is refused at the fields of an S3, whether labels come or archives go there", () => {
    const about = (field: string): Problem => new Problem(422, "Invalid request", { detail: "No." }, [{ field, message: "No." }]);
    expect(["source.bucket", "target.bucket", "media"].map((name) => concernsBucket(about(name)))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("came from a place that is read without its scheme", () => {
    expect(pathOf({ endpoint: "https://s3.example.org:9000", bucket: "b", folder: "a/b c" })).toBe(
      "s3.example.org:9000 / b / a / b c",
    );
    expect(pathOf({ endpoint: "http://10.0.0.1", bucket: "b", folder: "" })).toBe("10.0.0.1 / b");
  });
});
