import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/commands/registry";
import type { Command } from "../../src/editor/api";
import { Keymap } from "../../src/keymap/keymap";

type Key = Partial<Pick<KeyboardEvent, "code" | "key" | "ctrlKey" | "shiftKey" | "altKey" | "metaKey">>;
const press = (code: string, more: Key = {}): KeyboardEvent =>
  ({ code, key: "", ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, ...more }) as KeyboardEvent;
const command = (id: string, shortcuts: string[], context: Command["context"] = "editor") => ({ id, shortcuts, context });

describe("the commands", () => {
  it("have unique ids and shortcuts", () => {
    expect(new Set(COMMANDS.map(({ id }) => id)).size).toBe(COMMANDS.length);
    expect(() => new Keymap(COMMANDS)).not.toThrow();
  });

  it.each([
    ["play", press("Space")],
    ["frame.next", press("KeyF")],
    ["redo", press("KeyZ", { ctrlKey: true, shiftKey: true })],
    ["undo", press("KeyZ", { metaKey: true })],
    ["object.previous", press("Tab", { shiftKey: true })],
    ["category.3", press("Numpad3")],
    ["keys", press("Minus", { key: "?", shiftKey: true })],
    [null, press("KeyF", { altKey: true })],
    [null, press("KeyF", { shiftKey: true })],
  ])("%s by its key", (id, event) => {
    expect(new Keymap(COMMANDS).resolveShortcut(event, ["editor"])).toBe(id);
  });
});

describe("a keymap", () => {
  it("refuses two commands on one key in one context", () => {
    expect(() => new Keymap([command("a", ["KeyX"]), command("b", ["KeyX"])])).toThrow("KeyX is bound to both a and b");
  });

  it("allows one key for several contexts, the inner one first", () => {
    const keymap = new Keymap([command("a", ["Enter"]), command("b", ["Enter"], "drawing")]);
    expect(keymap.resolveShortcut(press("Enter"), ["drawing", "editor"])).toBe("b");
    expect(keymap.resolveShortcut(press("Enter"), ["editor"])).toBe("a");
  });

  it("lets the user's layer override the project's and take keys from other commands", () => {
    const keymap = new Keymap([command("a", ["KeyA"]), command("b", ["KeyB"])], [{ a: ["KeyX"] }, { a: ["KeyB"] }]);
    expect(["KeyA", "KeyX", "KeyB"].map((code) => keymap.resolveShortcut(press(code), ["editor"]))).toEqual([null, null, "a"]);
    expect([keymap.textOf("a"), keymap.textOf("b")]).toEqual(["B", ""]);
  });

  it("displays shortcuts", () => {
    const keymap = new Keymap([command("a", ["Ctrl+Shift+KeyZ"]), command("b", ["ArrowLeft"]), command("c", ["?"])]);
    expect(["a", "b", "c"].map((id) => keymap.textOf(id))).toEqual(["Ctrl Shift Z", "←", "?"]);
  });
});
