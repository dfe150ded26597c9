import { me, signIn, signOut } from "./api/calls";
import { signedOut } from "./api/client";
import { asProblem } from "./api/problem";
import type { Person } from "./api/types";

let person = $state<Person | null>(null);
let known = $state(false);
let lapsed = $state(false);
const again = new Set<() => void>();

signedOut.addEventListener("signed-out", () => {
  if (person) lapsed = true;
});

/** Who is signed in. `lapsed`: somebody was, and has to sign in again in place. */
export const session = {
  get person(): Person | null {
    return person;
  },
  get known(): boolean {
    return known;
  },
  get lapsed(): boolean {
    return lapsed;
  },

  /** Ask the service who this is. */
  async load(): Promise<void> {
    try {
      person = await me();
    } catch (error) {
      if (asProblem(error).status !== 401) throw error;
      person = null;
    }
    known = true;
  },

  async signIn(email: string, password: string): Promise<void> {
    const before = person?.id;
    await signIn(email, password);
    person = await me();
    lapsed = false;
    // Another person must not go on in the first one's screens.
    if (before && before !== person.id) location.assign("/projects");
    for (const listener of again) listener();
  },

  async signOut(): Promise<void> {
    await signOut();
    location.assign("/");
  },

  /** Call `listener` whenever somebody signed in again; returns how to stop. */
  onSignedIn(listener: () => void): () => void {
    again.add(listener);
    return () => again.delete(listener);
  },
};
