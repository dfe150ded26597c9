import { Keymap, type Bindable, type KeymapLayer } from "./keymap";

const STORED = "tracklane.keymap";

/** The default keymap with the user's shortcuts from this browser, if they are valid. */
export function personalKeymap(commands: readonly Bindable[]): Keymap {
  try {
    return new Keymap(commands, [JSON.parse(localStorage.getItem(STORED) ?? "{}") as KeymapLayer]);
  } catch {
    return new Keymap(commands);
  }
}
