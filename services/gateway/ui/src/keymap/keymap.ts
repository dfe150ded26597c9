import type { KeyContext } from "../editor/api";
import { formatShortcut, isShortcut, shortcutsOf } from "./shortcut";

/** Shortcuts by command. A later layer overrides an earlier one: default, project, user. */
export type KeymapLayer = Readonly<Record<string, readonly string[]>>;

/** The part of a command that the keymap uses. */
export interface Bindable {
  id: string;
  context: KeyContext;
  shortcuts: readonly string[];
}

/** Maps key presses to commands. */
export class Keymap {
  private readonly commands = new Map<string, string>();
  private readonly shortcuts = new Map<string, readonly string[]>();

  /** Throws if two commands of one layer have the same shortcut in one context. */
  constructor(commands: readonly Bindable[], layers: readonly KeymapLayer[] = []) {
    const contexts = new Map(commands.map((command) => [command.id, command.context]));
    this.add(Object.fromEntries(commands.map(({ id, shortcuts }) => [id, shortcuts])), contexts);
    for (const layer of layers) this.add(layer, contexts);
  }

  /** The command for a key press, in the first of the contexts that has one. */
  resolveShortcut(event: KeyboardEvent, contexts: readonly KeyContext[]): string | null {
    for (const context of contexts)
      for (const shortcut of shortcutsOf(event)) {
        const command = this.commands.get(slot(context, shortcut));
        if (command) return command;
      }
    return null;
  }

  /** The first shortcut of a command for display; empty without one. */
  textOf(command: string): string {
    const [first] = this.shortcuts.get(command) ?? [];
    return first ? formatShortcut(first) : "";
  }

  private add(layer: KeymapLayer, contexts: ReadonlyMap<string, KeyContext>): void {
    const owners = new Map<string, string>();
    for (const [command, shortcuts] of Object.entries(layer)) {
      const context = contexts.get(command);
      // A saved layer may contain removed commands.
      if (!context) continue;
      this.release(command, context);
      for (const shortcut of shortcuts) {
        if (!isShortcut(shortcut)) throw new Error(`${shortcut}, for ${command}, is not a shortcut`);
        const other = owners.get(slot(context, shortcut));
        if (other) throw new Error(`${shortcut} is bound to both ${other} and ${command}`);
        owners.set(slot(context, shortcut), command);
        this.bind(command, context, shortcut);
      }
    }
  }

  private release(command: string, context: KeyContext): void {
    for (const shortcut of this.shortcuts.get(command) ?? [])
      if (this.commands.get(slot(context, shortcut)) === command) this.commands.delete(slot(context, shortcut));
    this.shortcuts.set(command, []);
  }

  /** A shortcut is removed from the command that has it in an earlier layer. */
  private bind(command: string, context: KeyContext, shortcut: string): void {
    const before = this.commands.get(slot(context, shortcut));
    if (before) this.shortcuts.set(before, this.shortcuts.get(before)!.filter((other) => other !== shortcut));
    this.commands.set(slot(context, shortcut), command);
    this.shortcuts.set(command, [...this.shortcuts.get(command)!, shortcut]);
  }
}

function slot(context: KeyContext, shortcut: string): string {
  return `${context} ${shortcut}`;
}
