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

const bucket = { endpoint: "s3.example.org", bucket: "labels", folder: "set", access_key: "a", secret_key: "s" };

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

  it("sends the chosen options only", async () => {
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

  it("keeps its key on a retry, and gets a new one with other options", async () => {
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

  it("needs a file within the size limit and at least one target file", async () => {
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

  it("ends without an error when it is cancelled", async () => {
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

  it("follows the progress of the service", async () => {
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

describe("importing from an external bucket", () => {
  let importSession: ImportSession;

  beforeEach(() => {
    vi.resetAllMocks();
    importSession = new ImportSession("p", new ImportList("p"), true);
    Object.assign(importSession.source, bucket);
  });
  const sentBy = (attempt: number): unknown[] => calls.startBucketImport.mock.calls[attempt] as unknown[];

  it("sends the location, and clears the keys after the import", async () => {
    calls.startBucketImport.mockResolvedValue(importOf({ state: "done", dry_run: true }));
    calls.commitImport.mockResolvedValue(importOf({ state: "queued", dry_run: false }));
    await importSession.send(true);
    expect(sentBy(0).slice(0, 2)).toEqual([
      "p",
      { name: "", dry_run: true, add_classes: true, source: { ...bucket, region: "us-east-1" } },
    ]);
    expect(importSession.source.secret_key).toBe("s");
    await importSession.commit();
    expect([calls.commitImport.mock.calls, importSession.current?.state]).toEqual([[["i"]], "queued"]);
    expect(importSession.source).toMatchObject({ bucket: "labels", access_key: "", secret_key: "" });
    expect([importSession.uploading, calls.startImport.mock.calls.length]).toEqual([false, 0]);
  });

  it("is repeated if the archive of the dry run has expired", async () => {
    calls.startBucketImport.mockResolvedValue(importOf({ state: "done", dry_run: true }));
    calls.commitImport.mockRejectedValue(new Problem(409, "Not kept"));
    await importSession.send(true);
    await importSession.commit();
    expect([importSession.current, importSession.problem?.status, importSession.source.secret_key]).toEqual([undefined, 409, "s"]);
  });

  it("keeps its key on a retry, and gets a new one with other access keys", async () => {
    calls.startBucketImport.mockRejectedValue(new Problem(0, "offline"));
    await importSession.send(false);
    await importSession.send(false);
    importSession.source.secret_key = "right";
    await importSession.send(false);
    const keys = [0, 1, 2].map((at) => sentBy(at)[2]);
    expect([keys[1] === keys[0], keys[2] === keys[0], importSession.source.secret_key]).toEqual([true, false, "right"]);
  });

  it("is not sent while required fields are empty, which are marked", async () => {
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

  it("shows errors at the fields of the bucket, as exports do", () => {
    const about = (field: string): Problem => new Problem(422, "Invalid request", { detail: "No." }, [{ field, message: "No." }]);
    expect(["source.bucket", "target.bucket", "media"].map((name) => concernsBucket(about(name)))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("shows the location without its scheme", () => {
    expect(pathOf({ endpoint: "https://s3.example.org:9000", bucket: "b", folder: "a/b c" })).toBe(
      "s3.example.org:9000 / b / a / b c",
    );
    expect(pathOf({ endpoint: "http://10.0.0.1", bucket: "b", folder: "" })).toBe("10.0.0.1 / b");
  });
});
