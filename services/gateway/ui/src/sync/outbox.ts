import type { PendingEdit } from "../api/edits";
import { database, type RefusedEdit } from "./database";

let place = Date.now() * 1000;

/** The edits of one user on one medium that have no result yet; they survive reloads and crashes. */
export class Outbox {
  constructor(
    private readonly media: string,
    private readonly user: string,
  ) {}

  async put(edits: readonly PendingEdit[]): Promise<void> {
    const db = await database();
    const write = db.transaction("outbox", "readwrite", { durability: "strict" });
    for (const { edit, snapshot } of edits) {
      place += 1;
      void write.store.put({ id: edit.id, place, media: this.media, user: this.user, edit: plain(edit), snapshot });
    }
    await write.done;
  }

  async remove(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const write = (await database()).transaction("outbox", "readwrite");
    for (const id of ids) void write.store.delete(id);
    await write.done;
  }

  /** The edits of earlier visits, in order. */
  async pending(): Promise<PendingEdit[]> {
    const all = await (await database()).getAllFromIndex("outbox", "media", this.media);
    return all
      .filter((edit) => edit.user === this.user)
      .sort((a, b) => a.place - b.place)
      .map(({ edit, snapshot }) => ({ edit, snapshot, inFlight: false }));
  }

  /** Move refused edits to the list of refused changes, with their reasons. */
  async quarantine(refused: readonly RefusedEdit[]): Promise<void> {
    const write = (await database()).transaction(["outbox", "quarantine"], "readwrite");
    for (const edit of refused) {
      void write.objectStore("quarantine").put({ ...edit, edit: plain(edit.edit) });
      void write.objectStore("outbox").delete(edit.id);
    }
    await write.done;
  }

  async quarantined(): Promise<RefusedEdit[]> {
    return (await database()).getAllFromIndex("quarantine", "media", this.media);
  }

  async dismiss(id: string): Promise<void> {
    await (await database()).delete("quarantine", id);
  }
}

/** A copy without reactive proxies, which IndexedDB cannot store. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
