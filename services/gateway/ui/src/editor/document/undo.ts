import type { Change } from "../../api/edits";

const DEFAULT_LENGTH = 100;

/** The undo and redo stacks: for each operation, the changes that undo or redo it. */
export class UndoStack {
  private readonly undos: Change[][] = [];
  private readonly redos: Change[][] = [];

  constructor(private readonly length = DEFAULT_LENGTH) {}

  get canUndo(): boolean {
    return this.undos.length > 0;
  }

  get canRedo(): boolean {
    return this.redos.length > 0;
  }

  /** Add the changes that undo an operation, its last change first. The redo stack is cleared. */
  push(inverses: Change[]): void {
    this.undos.push(inverses);
    if (this.undos.length > this.length) this.undos.shift();
    this.redos.length = 0;
  }

  /**
   * Perform the last operation of one stack and push its inverse on the other. Does nothing until the operation is `ready`.
   */
  replay(
    direction: "undo" | "redo",
    ready: (changes: readonly Change[]) => boolean,
    perform: (changes: readonly Change[]) => Change[],
  ): void {
    const [from, to] = direction === "undo" ? [this.undos, this.redos] : [this.redos, this.undos];
    const changes = from.at(-1);
    if (!changes || !ready(changes)) return;
    from.pop();
    const inverses = perform(changes);
    if (inverses.length > 0) to.push(inverses.reverse());
  }
}
