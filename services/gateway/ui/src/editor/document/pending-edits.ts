import type { ObjectState } from "../../api/labels";
import { apply, type Owner } from "./apply";
import type { Edit, EditResult, PendingEdit } from "../../api/edits";
import { covers, sameFields } from "./fields";

/** The edits of this browser without a result, in order. */
export class PendingEdits {
  private readonly queue: PendingEdit[] = [];

  get all(): readonly PendingEdit[] {
    return this.queue;
  }

  add(edit: Edit, snapshot?: ObjectState): PendingEdit {
    const pending: PendingEdit = { edit, snapshot, inFlight: false };
    this.queue.push(pending);
    return pending;
  }

  /** The edits that can be sent now, marked as in flight. A restore waits for the result of its deletion. */
  nextBatch(limit: number, stored: (object: string) => ObjectState | undefined): Edit[] {
    if (this.queue.some((pending) => pending.inFlight)) return [];
    const held = new Set<string>();
    const batch: PendingEdit[] = [];
    for (const pending of this.queue) {
      const { edit } = pending;
      if (held.has(edit.object)) continue;
      if (edit.verb === "restore" && edit.revision === null) {
        const now = stored(edit.object);
        if (!now?.deleted || batch.some((pending) => pending.edit.object === edit.object)) {
          held.add(edit.object);
          continue;
        }
        pending.edit = { ...edit, revision: now.revision - 1, base_revision: now.revision };
      }
      batch.push(pending);
      if (batch.length === limit) break;
    }
    for (const pending of batch) pending.inFlight = true;
    return batch.map((pending) => pending.edit);
  }

  /** The batch in flight or its results may be lost: it is sent again. */
  requeue(): void {
    for (const pending of this.queue) pending.inFlight = false;
  }

  /** Remove the edit with this id from the queue. */
  remove(id: string): PendingEdit | undefined {
    const at = this.queue.findIndex((pending) => pending.edit.id === id);
    return at < 0 ? undefined : this.queue.splice(at, 1)[0];
  }

  /** Remove all edits of an object from the queue that are not in flight. */
  removeAllOf(object: string): Edit[] {
    const removed = this.queue.filter((pending) => pending.edit.object === object && !pending.inFlight);
    for (const pending of removed) this.queue.splice(this.queue.indexOf(pending), 1);
    return removed.map((pending) => pending.edit);
  }

  /**
   * Later edits of the object were made on top of `done`, which was applied. Where another user changed the same field in
   * between, the later edit keeps its base, so that it conflicts.
   */
  rebase(done: Edit, before: ObjectState | undefined, result: EditResult, owner: Owner): void {
    const revision = result.revision ?? 0;
    const after = result.object ?? undefined;
    const alone = apply(before, done, owner);
    for (const later of this.queue) {
      const { edit } = later;
      if (later.inFlight || edit.object !== done.object || edit.base_revision >= revision) continue;
      if (covers(done, edit, before) || sameFields(before, after, edit) || sameFields(alone, after, edit))
        later.edit = { ...edit, base_revision: revision };
    }
  }
}
