import type { Change } from "./changes";

const LENGTH = 500;

/** The gestures of a person that can be taken back, and those that were: each as the changes that do so. */
export class UndoStack {
  private readonly undos: Change[][] = [];
  private readonly redos: Change[][] = [];

  get canUndo(): boolean {
    return this.undos.length > 0;
  }

  get canRedo(): boolean {
    return this.redos.length > 0;
  }

  /** A gesture was made; `back` takes it back, last change first. What was undone before cannot be redone now. */
  remember(back: Change[]): void {
    this.undos.push(back);
    if (this.undos.length > LENGTH) this.undos.shift();
    this.redos.length = 0;
  }

  /**
   * Do the last gesture of one side with `play`, which gives the changes that take it back, and remember these on the
   * other side. Nothing happens while `ready` says no.
   */
  replay(
    way: "undo" | "redo",
    ready: (changes: readonly Change[]) => boolean,
    play: (changes: readonly Change[]) => Change[],
  ): void {
    const [from, to] = way === "undo" ? [this.undos, this.redos] : [this.redos, this.undos];
    const changes = from.at(-1);
    if (!changes || !ready(changes)) return;
    from.pop();
    const back = play(changes);
    if (back.length > 0) to.push(back.reverse());
  }
}
