import type { RefusedEdit } from "../sync/database";
import type { Sync, SyncState } from "../sync/sync";

/** Whether the user's edits are stored, and whether changes of others arrive. */
export class SyncStatus {
  state = $state<SyncState>("saved");
  /** Edits without a result. */
  waiting = $state(0);
  refused = $state.raw<readonly RefusedEdit[]>([]);
  live = $state(false);

  update(sync: Sync): void {
    this.state = sync.state;
    this.waiting = sync.waiting;
    this.refused = sync.quarantine;
  }
}
