import type { Change } from "../../api/edits";
import type { Sync } from "../../sync/sync";
import type { MediumDocument } from "./document";

/** Every change of an object: it is applied to the document, then stored in the browser and sent. */
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
    const { dropped, added } = this.document.resolveConflict(object, keep);
    this.sync.enqueue(added);
    this.sync.discard(dropped);
  }
}
