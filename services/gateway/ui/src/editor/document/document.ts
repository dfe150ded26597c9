import { applied, type Owner } from "./apply";
import { asOneAct, newId } from "./ids";
import { inverse, stillApplies, withRevision } from "./inverse";
import type { ObjectState } from "./labels";
import { UndoStack } from "./undo";
import type { Change, Edit, EditResult } from "./changes";
import { Waiting, type Pending } from "./pending";

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
  private readonly waiting = new Waiting();
  private readonly history = new UndoStack();
  private readonly beforeDelete = new Map<string, ObjectState>();
  /** Which revision an edit made, for reverting it. */
  private readonly made = new Map<string, number>();
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
    return this.waiting.all;
  }

  /** The edits that can be sent now, and marks them as on their way. */
  next(limit: number): Edit[] {
    return this.waiting.next(limit, (id) => this.told.get(id));
  }

  /** The batch that was on its way did not arrive, or its answer did not: it is sent again. */
  unsend(): void {
    this.waiting.unsend();
  }

  get canUndo(): boolean {
    return this.history.canUndo;
  }

  get canRedo(): boolean {
    return this.history.canRedo;
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
    for (const { edit, snapshot } of waiting) {
      this.waiting.add(edit, snapshot);
      this.refold(edit.object);
    }
    this.changed();
  }

  /** Do one gesture, remember how to take it back, and give its edits, which are to be stored and sent. */
  perform(changes: readonly Change[]): Pending[] {
    const back: Change[] = [];
    const together = asOneAct(changes.length);
    const made = changes.map((change) => this.add(change, back, together));
    if (back.length === 0) return made;
    this.history.remember(back.reverse());
    this.changed();
    return made;
  }

  /** Take the last gesture back; empty when there is none, or none whose answer is there where that is needed. */
  undo(): Pending[] {
    return this.replay("undo");
  }

  redo(): Pending[] {
    return this.replay("redo");
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
        made.push(this.waiting.add({ ...rest, verb: "restore", revision: base - 1 }, conflict.theirs));
      for (const edit of conflict.edits) made.push(this.waiting.add({ ...edit, id: newId(), base_revision: base }));
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

  private add(change: Change, back: Change[], together: { operation?: string }): Pending {
    const id = newId();
    const before = this.shown.get(change.object);
    back.push(inverse(before, change, id));
    if (change.verb === "delete" && before) this.beforeDelete.set(change.object, before);
    const base = change.verb === "create" ? 0 : (this.told.get(change.object)?.revision ?? 0);
    const snapshot = change.verb === "restore" ? this.beforeDelete.get(change.object) : undefined;
    const settled = withRevision(change, this.made);
    const pending = this.waiting.add({ ...settled, ...together, id, base_revision: base }, snapshot);
    this.refold(change.object);
    return pending;
  }

  private replay(way: "undo" | "redo"): Pending[] {
    const made: Pending[] = [];
    const known = (change: Change): boolean => change.verb !== "revert" || !change.of || this.made.has(change.of);
    this.history.replay(way, (changes) => changes.every(known), (changes) => {
      const back: Change[] = [];
      const together = asOneAct(changes.length);
      for (const change of changes)
        if (stillApplies(change, this.shown.get(change.object))) made.push(this.add(change, back, together));
      return back;
    });
    this.changed();
    return made;
  }

  private answerOne(result: EditResult): string[] {
    const pending = this.waiting.settle(result.id);
    if (!pending) return [result.id];
    const { object } = pending.edit;
    if (result.status === "conflict") {
      // Kept in the browser until the person has settled it.
      this.conflict(pending, result);
      return [];
    }
    if (result.status === "refused") this.refused.push({ edit: pending.edit, reason: result.reason ?? "" });
    else this.done(pending.edit, result);
    this.refold(object);
    return [result.id];
  }

  private done(edit: Edit, result: EditResult): void {
    const before = this.told.get(edit.object);
    if (typeof result.revision === "number") this.made.set(edit.id, result.revision);
    if (result.object) this.takeOne(result.object);
    for (const other of result.others ?? []) this.takeOne(other);
    this.waiting.rebase(edit, before, result, this.owner);
  }

  private conflict(pending: Pending, result: EditResult): void {
    const { object } = pending.edit;
    const mine = this.shown.get(object);
    const edits = [pending.edit, ...this.waiting.withdraw(object)];
    if (result.object) this.takeOne(result.object);
    const theirs = this.told.get(object);
    const earlier = this.conflicts.get(object);
    const all = [...(earlier?.edits ?? []), ...edits];
    if (theirs && mine) this.conflicts.set(object, { object, mine: earlier?.mine ?? mine, theirs, edits: all });
    this.refold(object);
  }

  /** Show what was told with the waiting edits on top. */
  private refold(id: string): void {
    let object = this.told.get(id);
    for (const { edit, snapshot } of this.waiting.all)
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
