import type { Change, Edit, EditResult, PendingEdit } from "../../api/edits";
import type { ObjectState } from "../../api/labels";
import type { Reason } from "../../i18n/reasons";
import { apply, type Owner } from "./apply";
import { newId, operationId } from "./ids";
import { inverse, stillApplies, withRevision } from "./inverse";
import { PendingEdits } from "./pending-edits";
import { UndoStack } from "./undo";

export interface Conflict {
  object: string;
  mine: ObjectState;
  theirs: ObjectState;
  edits: Edit[];
}

/** An edit that the service refused, with the reason. */
export interface Refusal {
  edit: Edit;
  reason: Reason;
}

type Listener = () => void;

/**
 * The objects of one medium: those stored by the service, with this browser's pending edits applied on top. Not reactive
 * by itself; screens depend on the version counter of the store.
 */
export class MediumDocument {
  readonly conflicts = new Map<string, Conflict>();
  private readonly stored = new Map<string, ObjectState>();
  private readonly current = new Map<string, ObjectState>();
  private readonly queue = new PendingEdits();
  private readonly history: UndoStack;
  private readonly beforeDelete = new Map<string, ObjectState>();
  /** The revision that an edit made, for reverting it. */
  private readonly revisionOf = new Map<string, number>();
  private readonly listeners = new Set<Listener>();
  private refusals: Refusal[] = [];
  private visible: ObjectState[] | null = null;

  constructor(
    private readonly owner: Owner,
    undoLength?: number,
  ) {
    this.history = new UndoStack(undoLength);
  }

  /** Call `listener` after every change; returns a function that unsubscribes. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The objects that are not deleted, in a stable order. */
  objects(): readonly ObjectState[] {
    this.visible ??= [...this.current.values()].filter((object) => !object.deleted);
    return this.visible;
  }

  get(id: string): ObjectState | undefined {
    const object = this.current.get(id);
    return object?.deleted ? undefined : object;
  }

  get canUndo(): boolean {
    return this.history.canUndo;
  }

  get canRedo(): boolean {
    return this.history.canRedo;
  }

  // ---- objects of the service ----

  /** Add objects of the service; revisions older than the known ones are ignored. */
  receive(objects: readonly ObjectState[]): void {
    for (const object of objects) this.receiveOne(object);
    this.notify();
  }

  /** The known revision of each object, to be passed to `replaceAll` with objects that are read after this call. */
  revisions(): ReadonlyMap<string, number> {
    return new Map([...this.stored].map(([id, object]) => [id, object.revision]));
  }

  /** Replace all objects of the medium. Those in `known` that are missing and unchanged since then were deleted. */
  replaceAll(objects: readonly ObjectState[], known: ReadonlyMap<string, number>): void {
    const read = new Set(objects.map((object) => object.id));
    for (const [id, revision] of known) {
      if (read.has(id) || this.stored.get(id)?.revision !== revision) continue;
      this.stored.delete(id);
      this.recompute(id);
    }
    this.receive(objects);
  }

  // ---- changes by the user ----

  /** Perform changes as one operation that can be undone. Returns the edits, to be stored and sent. */
  perform(changes: readonly Change[]): PendingEdit[] {
    const inverses: Change[] = [];
    const operation = operationId(changes.length);
    const added = changes.map((change) => this.add(change, inverses, operation));
    if (inverses.length === 0) return added;
    this.history.push(inverses.reverse());
    this.notify();
    return added;
  }

  /** Undo the last operation. Returns no edits without one, or while a result that it needs is missing. */
  undo(): PendingEdit[] {
    return this.replay("undo");
  }

  redo(): PendingEdit[] {
    return this.replay("redo");
  }

  /**
   * Resolve a conflict: the own edits are made again on top of the other version, or dropped. If the object was deleted,
   * keeping them restores it first. The edits `dropped` need not be stored any longer.
   */
  resolveConflict(object: string, keep: "mine" | "theirs"): { dropped: string[]; added: PendingEdit[] } {
    const conflict = this.conflicts.get(object);
    if (!conflict) return { dropped: [], added: [] };
    this.conflicts.delete(object);
    const added = keep === "mine" ? this.repeat(conflict) : [];
    this.recompute(object);
    this.notify();
    return { dropped: conflict.edits.map((edit) => edit.id), added };
  }

  // ---- synchronization ----

  get pending(): readonly PendingEdit[] {
    return this.queue.all;
  }

  /** Edits of an earlier visit that have no result yet. */
  restorePending(edits: readonly PendingEdit[]): void {
    for (const { edit, snapshot } of edits) {
      this.queue.add(edit, snapshot);
      this.recompute(edit.object);
    }
    this.notify();
  }

  /** The edits that can be sent now, marked as in flight. */
  nextBatch(limit: number): Edit[] {
    return this.queue.nextBatch(limit, (id) => this.stored.get(id));
  }

  /** The batch in flight may not have arrived: it is sent again. */
  requeue(): void {
    this.queue.requeue();
  }

  /** Apply the results of sent edits. Returns the ids of edits that need not be stored any longer. */
  applyResults(results: readonly EditResult[]): string[] {
    const finished = results.flatMap((result) => this.applyResult(result));
    this.notify();
    return finished;
  }

  /** The edits refused since the last call. */
  takeRefusals(): Refusal[] {
    return this.refusals.splice(0);
  }

  private receiveOne(object: ObjectState): void {
    const known = this.stored.get(object.id);
    if (known && known.revision >= object.revision) return;
    if (object.deleted && known && !known.deleted) this.beforeDelete.set(object.id, known);
    this.stored.set(object.id, object);
    this.recompute(object.id);
  }

  private add(change: Change, inverses: Change[], operation: { operation?: string }): PendingEdit {
    const id = newId();
    const before = this.current.get(change.object);
    inverses.push(inverse(before, change, id));
    if (change.verb === "delete" && before) this.beforeDelete.set(change.object, before);
    const base = change.verb === "create" ? 0 : (this.stored.get(change.object)?.revision ?? 0);
    const snapshot = change.verb === "restore" ? this.beforeDelete.get(change.object) : undefined;
    const edit = { ...withRevision(change, this.revisionOf), ...operation, id, base_revision: base };
    const pending = this.queue.add(edit, snapshot);
    this.recompute(change.object);
    return pending;
  }

  private replay(direction: "undo" | "redo"): PendingEdit[] {
    const added: PendingEdit[] = [];
    const isReady = (change: Change): boolean => change.verb !== "revert" || !change.of || this.revisionOf.has(change.of);
    this.history.replay(direction, (changes) => changes.every(isReady), (changes) => {
      const inverses: Change[] = [];
      const operation = operationId(changes.length);
      for (const change of changes)
        if (stillApplies(change, this.current.get(change.object))) added.push(this.add(change, inverses, operation));
      return inverses;
    });
    this.notify();
    return added;
  }

  /** The edits of a conflict again, on top of the stored object. */
  private repeat({ object, theirs, edits }: Conflict): PendingEdit[] {
    const stored = this.stored.get(object);
    const base_revision = stored?.revision ?? theirs.revision;
    const added: PendingEdit[] = [];
    if (stored?.deleted) {
      const restore: Edit = { verb: "restore", object, id: newId(), base_revision, revision: base_revision - 1 };
      added.push(this.queue.add(restore, theirs));
    }
    for (const edit of edits) added.push(this.queue.add({ ...edit, id: newId(), base_revision }));
    return added;
  }

  private applyResult(result: EditResult): string[] {
    const pending = this.queue.remove(result.id);
    if (!pending) return [result.id];
    if (result.status === "conflict") {
      // Stored in the browser until the user resolves the conflict.
      this.noteConflict(pending, result);
      return [];
    }
    if (result.status === "refused") this.refusals.push({ edit: pending.edit, reason: result.reason ?? {} });
    else this.noteApplied(pending.edit, result);
    this.recompute(pending.edit.object);
    return [result.id];
  }

  private noteApplied(edit: Edit, result: EditResult): void {
    const before = this.stored.get(edit.object);
    if (typeof result.revision === "number") this.revisionOf.set(edit.id, result.revision);
    if (result.object) this.receiveOne(result.object);
    for (const other of result.others ?? []) this.receiveOne(other);
    this.queue.rebase(edit, before, result, this.owner);
  }

  private noteConflict(pending: PendingEdit, result: EditResult): void {
    const { object } = pending.edit;
    const mine = this.current.get(object);
    const edits = [pending.edit, ...this.queue.removeAllOf(object)];
    if (result.object) this.receiveOne(result.object);
    const theirs = this.stored.get(object);
    const earlier = this.conflicts.get(object);
    const all = [...(earlier?.edits ?? []), ...edits];
    if (theirs && mine) this.conflicts.set(object, { object, mine: earlier?.mine ?? mine, theirs, edits: all });
    this.recompute(object);
  }

  /** The stored object with the pending edits on top. */
  private recompute(id: string): void {
    let object = this.stored.get(id);
    for (const { edit, snapshot } of this.queue.all)
      if (edit.object === id) object = apply(object, edit, this.owner, snapshot);
    if (object) this.current.set(id, object);
    else this.current.delete(id);
    this.visible = null;
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }
}
