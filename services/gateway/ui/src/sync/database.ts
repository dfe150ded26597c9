import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Edit, PendingEdit } from "../api/edits";
import type { Reason } from "../i18n/reasons";

export interface KeptEdit extends Pick<PendingEdit, "edit" | "snapshot"> {
  id: string;
  /** Grows with every edit, and orders them. */
  place: number;
  media: string;
  user: string;
}

export interface RefusedEdit {
  id: string;
  media: string;
  edit: Edit;
  reason: Reason;
  at: number;
}

export interface StartedUpload {
  /** Identifies a file: project, name, size, time of change. */
  fingerprint: string;
  upload: string;
  at: number;
}

interface Schema extends DBSchema {
  outbox: { key: string; value: KeptEdit; indexes: { media: string } };
  quarantine: { key: string; value: RefusedEdit; indexes: { media: string } };
  uploads: { key: string; value: StartedUpload };
}

let opened: Promise<IDBPDatabase<Schema>> | null = null;

/** The browser's database: pending edits, refused edits, unfinished uploads. */
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
