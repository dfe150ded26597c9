import createClient from "openapi-fetch";
import type { paths } from "./schema";
import { Problem, problemOf } from "./problem";

/** The typed client of the public API; the cookie is the session. */
export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? "", credentials: "same-origin" });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Called when a request finds that nobody is signed in. */
export const signedOut = new EventTarget();

/** The body of an answer, or a Problem: the one that was told, or status 0 when there was no answer. */
export async function told<T>(asking: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asking;
  } catch {
    throw new Problem(0, "offline");
  }
  if (answer.response.ok) return answer.data as T;
  if (answer.response.status === 401) signedOut.dispatchEvent(new Event("signed-out"));
  throw problemOf(answer.response.status, answer.error);
}

/** A fresh Idempotency-Key: a request that is repeated with the same key is done once. */
export function onceKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}
