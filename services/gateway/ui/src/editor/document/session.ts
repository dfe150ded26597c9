import type { Change } from "../../api/edits";
import type { Sync } from "../../sync/sync";
import type { MediumDocument } from "./document";

/** Where every change of an object passes: it is applied to the document, then kept and sent. */
export class EditSession {
  constructor(
    readonly document: MediumDocument,
    readonly sync: Sync,
  ) {}

  perform(...changes: Change[]): void {
    if (changes.length > 0) this.sync.enqueue(this.document.perform(changes));
  }

  undo(): void {
    this.sync.enqueue(this.document.undo());
  }

  redo(): void {
    this.sync.enqueue(this.document.redo());
  }

  resolveConflict(object: string, keep: "mine" | "theirs"): void {
    const { dropped, made } = this.document.resolveConflict(object, keep);
    this.sync.enqueue(made);
    this.sync.discard(dropped);
  }
}
