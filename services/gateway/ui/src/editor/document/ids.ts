const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A random id of 24 letters and digits (124 bits); works on plain http, where `crypto.randomUUID` is missing. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

/** Joins several edits, so that the service undoes them together as well. */
export function operationId(edits: number): { operation?: string } {
  return edits > 1 ? { operation: newId() } : {};
}
