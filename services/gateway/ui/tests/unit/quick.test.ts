import { beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../../src/api/problem";
import type { Run } from "../../src/api/types";
import { manualKeyframe } from "../../src/editor/document/labels";
import { QuickLabel } from "../../src/editor/quick-label.svelte";
import { objectOf } from "./builders";

const box = { kind: "bbox", x1: 0, y1: 0, x2: 9, y2: 9, rotation: 0 } as const;
const object = objectOf([manualKeyframe(3, box), manualKeyframe(20, box)]);
const runOf = (more: Partial<Run> = {}): Run => ({
  id: "r",
  project_id: "p",
  kind: "quick",
  model: "quick",
  media: ["m"],
  threshold: 0,
  accept: "auto",
  state: "running",
  progress: 0,
  frames_done: 0,
  frames_total: 16,
  author: "ada",
  created_at: 0,
  reason: null,
  stopped_at: null,
  object_id: "a",
  first: 3,
  last: 20,
  ...more,
});

/** Runs in memory. */
class Service {
  run = runOf();
  asked: unknown[] = [];

  async start(...stretch: [string, number, number]): Promise<Run> {
    this.asked.push(stretch);
    return this.run;
  }

  async read(): Promise<Run> {
    return this.run;
  }

  async list(): Promise<{ items: Run[] }> {
    return { items: [this.run] };
  }
}

let service: Service;
let stored: boolean;
let lost: [string, number][];
let quick: QuickLabel;

beforeEach(() => {
  service = new Service();
  stored = true;
  lost = [];
  const editor = { stored: async () => stored, trackingLost: (...where: [string, number]) => void lost.push(where) };
  quick = new QuickLabel("m", editor, service);
});

async function receiveRun(more: Partial<Run>): Promise<void> {
  service.run = runOf(more);
  const { id: run_id, kind, state, model, media, progress, reason } = service.run;
  quick.receive({ type: "run.changed", sequence: 1, data: { run_id, kind, state, model, media, progress, reason } });
  await vi.waitFor(() => expect(quick.runs.get("a")?.state).not.toBe("running"));
}

describe("quick label", () => {
  it("tracks a box from its first to its last keyframe, then finishes", async () => {
    await quick.start(object);
    expect(service.asked).toEqual([["a", 3, 20]]);
    expect(quick.runs.get("a")?.state).toBe("running");
    await receiveRun({ state: "done" });
    expect(quick.runs.get("a")?.state).toBe("done");
    expect(lost).toEqual([]);
  });

  it("reports where it lost the object", async () => {
    await quick.start(object);
    await receiveRun({ state: "done", stopped_at: 12 });
    expect(lost).toEqual([["a", 12]]);
  });

  it("keeps the reason of a failure", async () => {
    await quick.start(object);
    await receiveRun({ state: "failed", reason: { code: "gone", params: {}, message: "The clip is gone." } });
    expect(quick.runs.get("a")).toEqual({ state: "failed", reason: "The clip is gone." });
  });

  it("shows the message of the service when it is refused", async () => {
    service.start = async () => {
      throw new Problem(409, "Nothing to fill", { detail: "There is no frame to fill." });
    };
    await quick.start(object);
    expect(quick.runs.get("a")).toEqual({ state: "failed", reason: "There is no frame to fill." });
  });

  it("does not start on an unsaved box", async () => {
    stored = false;
    await quick.start(object);
    expect([service.asked, quick.runs.get("a")?.state]).toEqual([[], "failed"]);
  });

  it("shows a run that is already in progress", async () => {
    await quick.load();
    expect(quick.runs.get("a")?.state).toBe("running");
    expect(quick.hint(object)).not.toBeNull();
  });

  it("needs a box with two keyframes", () => {
    expect(quick.hint(object)).toBeNull();
    expect(quick.hint(objectOf([manualKeyframe(3, box)]))).not.toBeNull();
    expect(quick.hint(objectOf([manualKeyframe(3, { kind: "label" }), manualKeyframe(4, { kind: "label" })]))).not.toBeNull();
    expect(quick.hint(undefined)).not.toBeNull();
  });
});
