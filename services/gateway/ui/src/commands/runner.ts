import type { Command, Editor } from "../editor/api";
import { t } from "../i18n/index.svelte";
import type { Keymap } from "../keymap/keymap";
import { isTyping } from "../keymap/shortcut";
import { COMMANDS } from "./registry";

/** Runs the commands of a labeling screen by id or key. */
export class CommandRunner {
  private readonly byId = new Map(COMMANDS.map((command) => [command.id, command]));

  constructor(
    private readonly editor: Editor,
    private readonly keymap: Keymap,
  ) {}

  isEnabled(id: string): boolean {
    return this.get(id).enabled?.(this.editor) ?? true;
  }

  run(id: string): void {
    if (this.isEnabled(id)) this.get(id).run(this.editor);
  }

  labelOf(id: string): string {
    const { label, params } = this.get(id);
    return t(label, params);
  }

  /** The shortcut of a command for display; empty without one. */
  shortcutOf(id: string): string {
    return this.keymap.textOf(id);
  }

  /** The label with the shortcut, for a tooltip. */
  hintOf(id: string, label = this.labelOf(id)): string {
    const shortcut = this.shortcutOf(id);
    return shortcut ? `${label} (${shortcut})` : label;
  }

  /** Run the command of a key press, unless the key belongs to a dialog or to the focused element. */
  keyDown(event: KeyboardEvent, canvas: Element): void {
    if (this.editor.dialog || isTyping(event.target) || event.defaultPrevented) return;
    const { context } = this.editor.toolbox;
    const id = this.keymap.resolveShortcut(event, context === "editor" ? ["editor"] : [context, "editor"]);
    if (!id || belongsToFocus(event, canvas) || !this.isEnabled(id)) return;
    event.preventDefault();
    this.run(id);
  }

  private get(id: string): Command {
    const command = this.byId.get(id);
    if (!command) throw new Error(`there is no command ${id}`);
    return command;
  }
}

/** Space and Enter press a focused button; Tab moves the focus, except on the canvas. */
function belongsToFocus({ code }: KeyboardEvent, canvas: Element): boolean {
  const focused = document.activeElement;
  if (code === "Tab") return focused !== document.body && focused !== canvas;
  const presses = code === "Space" || code === "Enter" || code === "NumpadEnter";
  return presses && focused instanceof HTMLButtonElement;
}
