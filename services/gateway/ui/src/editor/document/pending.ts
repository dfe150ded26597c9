import { applied, type Owner } from "./apply";
import type { ObjectState } from "./labels";
import { covers, sameField } from "./fields";
import type { Edit, EditResult } from "./changes";

/** An edit that is not yet answered. `snapshot`: what a restore brings back. */
export interface Pending {
  edit: Edit;
  snapshot?: ObjectState;
  inFlight: boolean;
}

/** This browser's edits that are not answered yet, in the order they were made. */
export class Waiting {
  private readonly line: Pending[] = [];

  get all(): readonly Pending[] {
    return this.line;
  }

  add(edit: Edit, snapshot?: ObjectState): Pending {
    const pending: Pending = { edit, snapshot, inFlight: false };
    this.line.push(pending);
    return pending;
  }

  /** The edits that can be sent now, and marks them as on their way. A restore waits for its deletion's answer. */
  next(limit: number, told: (object: string) => ObjectState | undefined): Edit[] {
    if (this.line.some((pending) => pending.inFlight)) return [];
    const held = new Set<string>();
    const batch: Pending[] = [];
    for (const pending of this.line) {
      const { edit } = pending;
      if (held.has(edit.object)) continue;
      if (edit.verb === "restore" && edit.revision === null) {
        const now = told(edit.object);
        if (!now?.deleted || batch.some((one) => one.edit.object === edit.object)) {
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

  /** The batch that was on its way did not arrive, or its answer did not: it is sent again. */
  unsend(): void {
    for (const pending of this.line) pending.inFlight = false;
  }

  /** The edit with this id, which waits no more. */
  settle(id: string): Pending | undefined {
    const at = this.line.findIndex((pending) => pending.edit.id === id);
    return at < 0 ? undefined : this.line.splice(at, 1)[0];
  }

  /** The edits of an object that are not on their way; they wait no more. */
  withdraw(object: string): Edit[] {
    const found = this.line.filter((pending) => pending.edit.object === object && !pending.inFlight);
    for (const pending of found) this.line.splice(this.line.indexOf(pending), 1);
    return found.map((pending) => pending.edit);
  }

  /**
   * Later edits on the same object were made on top of `done`, which was applied; but where somebody else's change
   * came in between and set the same field, the later edit keeps its base and conflicts.
   */
  rebase(done: Edit, before: ObjectState | undefined, result: EditResult, owner: Owner): void {
    const revision = result.revision ?? 0;
    const after = result.object ?? undefined;
    const alone = applied(before, done, owner);
    for (const later of this.line) {
      const { edit } = later;
      if (later.inFlight || edit.object !== done.object || edit.base_revision >= revision) continue;
      if (covers(done, edit, before) || sameField(before, after, edit) || sameField(alone, after, edit))
        later.edit = { ...edit, base_revision: revision };
    }
  }
}
