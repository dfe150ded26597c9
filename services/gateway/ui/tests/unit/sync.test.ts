import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../../src/api/problem";
import { sentenceOf } from "../../src/i18n/reasons";
import type { RefusedEdit } from "../../src/sync/database";
import { MediumDocument } from "../../src/editor/document/document";
import { EditSession } from "../../src/editor/document/session";
import type { Outbox } from "../../src/sync/outbox";
import { Sync } from "../../src/sync/sync";
import type { Change, Edit, EditResult } from "../../src/api/edits";
import type { PendingEdit } from "../../src/api/edits";

class InMemoryOutbox {
  edits = new Map<string, Edit>();
  refused: RefusedEdit[] = [];

  async put(edits: readonly PendingEdit[]): Promise<void> {
    for (const { edit } of edits) this.edits.set(edit.id, edit);
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.edits.delete(id);
  }

  async pending(): Promise<PendingEdit[]> {
    return [...this.edits.values()].map((edit) => ({ edit, inFlight: false }));
  }

  async quarantine(refused: readonly RefusedEdit[]): Promise<void> {
    this.refused.push(...refused);
    for (const edit of refused) this.edits.delete(edit.id);
  }

  async quarantined(): Promise<RefusedEdit[]> {
    return [];
  }

  async dismiss(): Promise<void> {}
}

const create = (object: string): Change => ({
  verb: "create",
  object,
  mission: "m",
  category: "Car",
  type: null,
  attributes: {},
  keyframes: [],
});
const applied = (edits: Edit[]): EditResult[] => edits.map(({ id }) => ({ id, status: "applied", revision: 1, object: null }));

let outbox: InMemoryOutbox;
let send: ReturnType<typeof vi.fn<(edits: Edit[]) => Promise<EditResult[]>>>;
let sync: Sync;
let session: EditSession;

beforeEach(async () => {
  vi.useFakeTimers();
  outbox = new InMemoryOutbox();
  send = vi.fn(async (edits: Edit[]) => applied(edits));
  const document = new MediumDocument({ project: "p", media: "m", author: "ada" });
  sync = new Sync(document, outbox as unknown as Outbox, "m", (edits) => send(edits), () => undefined);
  session = new EditSession(document, sync);
  await sync.start();
  await vi.runAllTimersAsync();
});

afterEach(() => {
  sync.stop();
  vi.useRealTimers();
});

describe("sync", () => {
  it("stores edits before sending them in one batch, and removes them with their results", async () => {
    session.perform(create("a"));
    session.perform(create("b"));
    await Promise.resolve();
    expect(outbox.edits.size).toBe(2);
    expect(send).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(300);
    expect(send).toHaveBeenCalledTimes(1);
    expect(send.mock.calls[0]?.[0]).toHaveLength(2);
    expect([sync.state, outbox.edits.size]).toEqual(["saved", 0]);
  });

  it("is offline without a connection, drops nothing and resumes", async () => {
    send.mockRejectedValueOnce(new Problem(0, "offline")).mockRejectedValueOnce(new Problem(503, "away"));
    session.perform(create("a"));
    await vi.advanceTimersByTimeAsync(300);
    expect([sync.state, sync.waiting, outbox.edits.size]).toEqual(["offline", 1, 1]);
    await vi.advanceTimersByTimeAsync(4000);
    expect([sync.state, sync.waiting, outbox.edits.size]).toEqual(["saved", 0, 0]);
  });

  it("waits until the user logs in again, then continues", async () => {
    send.mockRejectedValueOnce(new Problem(401, "Signed out"));
    session.perform(create("a"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect([sync.state, sync.waiting, send.mock.calls.length]).toEqual(["signed-out", 1, 1]);
    sync.retryNow();
    await vi.advanceTimersByTimeAsync(10);
    expect([sync.state, outbox.edits.size]).toEqual(["saved", 0]);
  });

  it("sets aside only the invalid edit of a refused batch", async () => {
    send.mockImplementation(async (edits) => {
      if (edits.some((edit) => edit.object === "bad")) throw new Problem(422, "Invalid request", { detail: "bad is bad" });
      return applied(edits);
    });
    session.perform(create("a"), create("bad"), create("b"));
    await vi.advanceTimersByTimeAsync(5000);
    expect(sync.state).toBe("saved");
    expect(sync.quarantine.map((edit) => [edit.edit.object, sentenceOf(edit.reason)])).toEqual([["bad", "bad is bad"]]);
    expect(outbox.edits.size).toBe(0);
  });
});
