import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { ObjectState } from "../editor/document/labels";
import type { Edit } from "../editor/document/changes";

export interface WaitingEdit {
  id: string;
  /** Grows with every edit: the order in which they were made. */
  place: number;
  media: string;
  user: string;
  edit: Edit;
  snapshot?: ObjectState;
}

export interface RefusedEdit {
  id: string;
  media: string;
  edit: Edit;
  reason: string;
  at: number;
}

export interface StartedUpload {
  /** What makes a file the same file: project, name, size, time of change. */
  fingerprint: string;
  upload: string;
  at: number;
}

interface Schema extends DBSchema {
  outbox: { key: string; value: WaitingEdit; indexes: { media: string } };
  quarantine: { key: string; value: RefusedEdit; indexes: { media: string } };
  uploads: { key: string; value: StartedUpload };
}

let opened: Promise<IDBPDatabase<Schema>> | null = null;

/** What this browser keeps: edits on their way, refused edits, unfinished uploads. */
export function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>("tracklane", 1, {
    upgrade(db) {
      db.createObjectStore("outbox", { keyPath: "id" }).createIndex("media", "media");
      db.createObjectStore("quarantine", { keyPath: "id" }).createIndex("media", "media");
      db.createObjectStore("uploads", { keyPath: "fingerprint" });
    },
  });
  return opened;
}
