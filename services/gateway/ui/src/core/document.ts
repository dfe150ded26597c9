import { applied, inverse, sameField, touches, type Owner } from "./edits";
import type { Change, Edit, EditResult, ObjectState } from "./labels";
import { newId } from "./ids";

/** An edit that is not yet answered. `seen`: the revision the person saw; `snapshot`: what a restore brings back. */
export interface Pending {
  edit: Edit;
  snapshot?: ObjectState;
  inFlight: boolean;
}

export interface Conflict {
  object: string;
  mine: ObjectState;
  theirs: ObjectState;
  edits: Edit[];
}

export interface Refused {
  edit: Edit;
  reason: string;
}

type Listener = () => void;
const UNDO_LENGTH = 500;

/**
 * The objects of one medium: what the service told, plus this browser's edits that are not answered yet. Lives
 * outside of reactive lists; a screen listens to `version`.
 */
export class MediumDocument {
  version = 0;
  readonly conflicts = new Map<string, Conflict>();
  readonly refused: Refused[] = [];
  private readonly told = new Map<string, ObjectState>();
  private readonly shown = new Map<string, ObjectState>();
  private readonly waiting: Pending[] = [];
  private readonly undos: Change[][] = [];
  private readonly redos: Change[][] = [];
  private readonly beforeDelete = new Map<string, ObjectState>();
  private readonly listeners = new Set<Listener>();
  private order: ObjectState[] | null = null;

  constructor(private readonly owner: Owner) {}

  /** Call `listener` after every change; returns how to stop. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The objects that are not deleted, in a stable order. */
  objects(): readonly ObjectState[] {
    this.order ??= [...this.shown.values()].filter((o) => !o.deleted);
    return this.order;
  }

  get(id: string): ObjectState | undefined {
    const object = this.shown.get(id);
    return object?.deleted ? undefined : object;
  }

  get pending(): readonly Pending[] {
    return this.waiting;
  }

  /** The edits that can be sent now, and marks them as on their way. A restore waits for its deletion's answer. */
  next(limit: number): Edit[] {
    if (this.waiting.some((p) => p.inFlight)) return [];
    const held = new Set<string>();
    const batch: Pending[] = [];
    for (const pending of this.waiting) {
      const { edit } = pending;
      if (held.has(edit.object)) continue;
      if (edit.verb === "restore" && edit.revision === null) {
        const told = this.told.get(edit.object);
        if (!told?.deleted || batch.some((p) => p.edit.object === edit.object)) {
          held.add(edit.object);
          continue;
        }
        pending.edit = { ...edit, revision: told.revision - 1, base_revision: told.revision };
      }
      batch.push(pending);
      if (batch.length === limit) break;
    }
    for (const pending of batch) pending.inFlight = true;
    return batch.map((p) => p.edit);
  }

  /** The batch that was on its way did not arrive, or its answer did not: it is sent again. */
  unsend(): void {
    for (const pending of this.waiting) pending.inFlight = false;
  }

  get canUndo(): boolean {
    return this.undos.length > 0;
  }

  get canRedo(): boolean {
    return this.redos.length > 0;
  }

  /** Take in objects as the service has them; older revisions than known ones change nothing. */
  take(objects: readonly ObjectState[]): void {
    for (const object of objects) this.takeOne(object);
    this.changed();
  }

  /** What is known of each object, to be given to `replaceAll` with what is read after this. */
  known(): ReadonlyMap<string, number> {
    return new Map([...this.told].map(([id, object]) => [id, object.revision]));
  }

  /** All objects of the medium, read afresh: what was `known` before, did not change since and is missing, is gone. */
  replaceAll(objects: readonly ObjectState[], known: ReadonlyMap<string, number>): void {
    const read = new Set(objects.map((object) => object.id));
    for (const [id, revision] of known) {
      if (read.has(id) || this.told.get(id)?.revision !== revision) continue;
      this.told.delete(id);
      this.refold(id);
    }
    this.take(objects);
  }

  /** Edits that waited in the browser from an earlier visit. */
  resume(waiting: readonly Pending[]): void {
    for (const pending of waiting) {
      this.waiting.push({ ...pending, inFlight: false });
      this.refold(pending.edit.object);
    }
    this.changed();
  }

  /** Do one gesture, remember how to take it back, and give its edits, which are to be stored and sent. */
  perform(changes: readonly Change[]): Pending[] {
    const back: Change[] = [];
    const made = changes.map((change) => this.add(change, back));
    if (back.length === 0) return made;
    this.undos.push(back.reverse());
    if (this.undos.length > UNDO_LENGTH) this.undos.shift();
    this.redos.length = 0;
    this.changed();
    return made;
  }

  /** Take the last gesture back; empty when there is none. */
  undo(): Pending[] {
    return this.replay(this.undos, this.redos);
  }

  redo(): Pending[] {
    return this.replay(this.redos, this.undos);
  }

  /** What became of sent edits. Gives the ids that need no keeping any more. */
  answer(results: readonly EditResult[]): string[] {
    const settled: string[] = [];
    for (const result of results) settled.push(...this.answerOne(result));
    this.changed();
    return settled;
  }

  /**
   * Settle a conflict: mine goes again on top of theirs, or is dropped. Where they deleted the object, mine brings it
   * back first. The `dropped` need no keeping.
   */
  settle(object: string, choice: "mine" | "theirs"): { dropped: string[]; made: Pending[] } {
    const conflict = this.conflicts.get(object);
    if (!conflict) return { dropped: [], made: [] };
    this.conflicts.delete(object);
    const dropped = conflict.edits.map((edit) => edit.id);
    const base = this.told.get(object)?.revision ?? conflict.theirs.revision;
    const made: Pending[] = [];
    if (choice === "mine") {
      const rest = { object, id: newId(), base_revision: base };
      if (this.told.get(object)?.deleted)
        made.push(this.queue({ ...rest, verb: "restore", revision: base - 1 }, conflict.theirs));
      for (const edit of conflict.edits) made.push(this.queue({ ...edit, id: newId(), base_revision: base }));
    }
    this.refold(object);
    this.changed();
    return { dropped, made };
  }

  private takeOne(object: ObjectState): void {
    const known = this.told.get(object.id);
    if (known && known.revision >= object.revision) return;
    if (object.deleted && known && !known.deleted) this.beforeDelete.set(object.id, known);
    this.told.set(object.id, object);
    this.refold(object.id);
  }

  private add(change: Change, back: Change[]): Pending {
    const before = this.shown.get(change.object);
    back.push(inverse(before, change));
    if (change.verb === "delete" && before) this.beforeDelete.set(change.object, before);
    const base = change.verb === "create" ? 0 : (this.told.get(change.object)?.revision ?? 0);
    const snapshot = change.verb === "restore" ? this.beforeDelete.get(change.object) : undefined;
    const pending = this.queue({ ...change, id: newId(), base_revision: base }, snapshot);
    this.refold(change.object);
    return pending;
  }

  private queue(edit: Edit, snapshot?: ObjectState): Pending {
    const pending: Pending = { edit, snapshot, inFlight: false };
    this.waiting.push(pending);
    return pending;
  }

  private replay(from: Change[][], to: Change[][]): Pending[] {
    const changes = from.pop();
    if (!changes) return [];
    const back: Change[] = [];
    const made: Pending[] = [];
    for (const change of changes) if (this.applies(change)) made.push(this.add(change, back));
    if (back.length > 0) to.push(back.reverse());
    this.changed();
    return made;
  }

  /** Whether a remembered change still makes sense after what others did meanwhile. */
  private applies(change: Change): boolean {
    const now = this.shown.get(change.object);
    if (change.verb === "create") return now === undefined || now.deleted;
    if (change.verb === "restore") return now === undefined || now.deleted;
    if (!now || now.deleted) return false;
    if (change.verb !== "remove_keyframe") return true;
    return now.keyframes.length > 1 && now.keyframes.some((k) => k.frame === change.frame);
  }

  private answerOne(result: EditResult): string[] {
    const at = this.waiting.findIndex((p) => p.edit.id === result.id);
    const pending = this.waiting[at];
    if (!pending) return [result.id];
    this.waiting.splice(at, 1);
    const { object } = pending.edit;
    if (result.status === "conflict") {
      // Kept in the browser until the person has settled it.
      this.conflict(pending, result);
      return [];
    }
    if (result.status === "refused") {
      this.refused.push({ edit: pending.edit, reason: result.reason ?? "" });
    } else {
      const before = this.told.get(object);
      if (result.object) this.takeOne(result.object);
      this.rebase(pending.edit, before, result);
    }
    this.refold(object);
    return [result.id];
  }

  /**
   * Later edits of this browser on the same object were made on top of the one that was just applied; but where
   * somebody else's change came in between and set the same field, the later edit keeps its base and conflicts.
   */
  private rebase(done: Edit, before: ObjectState | undefined, result: EditResult): void {
    const revision = result.revision ?? 0;
    for (const later of this.waiting) {
      if (later.inFlight || later.edit.object !== done.object) continue;
      const own = done.verb === "create" || touches(later.edit) === touches(done);
      if (!own && !sameField(before, result.object ?? undefined, later.edit)) continue;
      if (later.edit.base_revision < revision) later.edit = { ...later.edit, base_revision: revision };
    }
  }

  private conflict(pending: Pending, result: EditResult): void {
    const { object } = pending.edit;
    const mine = this.shown.get(object);
    const later = this.waiting.filter((p) => p.edit.object === object && !p.inFlight);
    for (const p of later) this.waiting.splice(this.waiting.indexOf(p), 1);
    if (result.object) this.takeOne(result.object);
    const theirs = this.told.get(object);
    const edits = [pending.edit, ...later.map((p) => p.edit)];
    const earlier = this.conflicts.get(object);
    if (theirs && mine)
      this.conflicts.set(object, {
        object,
        mine: earlier?.mine ?? mine,
        theirs,
        edits: [...(earlier?.edits ?? []), ...edits],
      });
    this.refold(object);
  }

  /** Show what was told with the waiting edits on top. */
  private refold(id: string): void {
    let object = this.told.get(id);
    for (const { edit, snapshot } of this.waiting)
      if (edit.object === id) object = applied(object, edit, this.owner, snapshot);
    if (object) this.shown.set(id, object);
    else this.shown.delete(id);
    this.order = null;
  }

  private changed(): void {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}
