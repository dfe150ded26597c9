import createClient from "openapi-fetch";
import { Problem, problemOf } from "./problem";
import type { paths } from "./schema";
import type { Complete } from "./types";

/** The typed client of the public API, signed in by the session cookie. */
export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? "", credentials: "same-origin" });

interface Result<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Dispatches `unauthorized` when the session has ended. */
export const sessionEvents = new EventTarget();

/** The body of a response. Throws a Problem: the one in the response, or one with status 0 when there was no response. */
export async function unwrap<T>(request: Promise<Result<T>>): Promise<Complete<T>> {
  let result: Result<T>;
  try {
    result = await request;
  } catch {
    throw new Problem(0, "offline");
  }
  if (result.response.ok) return result.data as Complete<T>;
  throw failed(result.response.status, result.error);
}

/** The problem of a failed request; listeners are notified when the session has ended. */
export function failed(status: number, body: unknown): Problem {
  if (status === 401) sessionEvents.dispatchEvent(new Event("unauthorized"));
  return status === 0 ? new Problem(0, "offline") : problemOf(status, body);
}

/** A fresh Idempotency-Key: a request that is repeated with the same key takes effect once. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

/** The header of a request that must not take effect twice. */
export function idempotent(key = newIdempotencyKey()): { "Idempotency-Key": string } {
  return { "Idempotency-Key": key };
}
