import { readMe, signIn, signOut } from "./api/accounts";
import { sessionEvents } from "./api/client";
import { asProblem } from "./api/problem";
import type { Person } from "./api/types";

let person = $state<Person | null>(null);
let loaded = $state(false);
let expired = $state(false);
const listeners = new Set<() => void>();

sessionEvents.addEventListener("unauthorized", () => {
  if (person) expired = true;
});

/** The signed-in user. `expired`: the session ended, and the user has to log in again. */
export const session = {
  get person(): Person | null {
    return person;
  },
  get loaded(): boolean {
    return loaded;
  },
  get expired(): boolean {
    return expired;
  },

  /** Read the signed-in user from the service. */
  async load(): Promise<void> {
    try {
      person = await readMe();
    } catch (error) {
      if (asProblem(error).status !== 401) throw error;
      person = null;
    }
    loaded = true;
  },

  async signIn(email: string, password: string): Promise<void> {
    const before = person?.id;
    await signIn(email, password);
    person = await readMe();
    expired = false;
    // Another user must not continue on the screens of the first.
    if (before && before !== person.id) location.assign("/projects");
    for (const listener of listeners) listener();
  },

  async signOut(): Promise<void> {
    await signOut();
    location.assign("/");
  },

  /** Call `listener` whenever a user signs in; returns a function that unsubscribes. */
  onSignedIn(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
