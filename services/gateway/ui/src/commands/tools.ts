import type { Command, Tool, ToolKey } from "../editor/api";
import { TOOLS } from "../tools/registry";

function useCommand(tool: Tool): Command {
  const { id, label, icon, shortcuts } = tool;
  return { id: `tool.${id}`, label, icon, shortcuts, group: "tools", context: "editor", run: ({ toolbox }) => toolbox.use(id) };
}

/** A command for each tool, and the commands that tools bring. */
export const TOOL_COMMANDS: readonly Command[] = [...TOOLS.map(useCommand), ...TOOLS.flatMap((tool) => tool.commands ?? [])];

/** A command that passes a key to the state of the current tool. */
function keyCommand(key: ToolKey, command: Pick<Command, "id" | "label" | "context" | "shortcuts">): Command {
  return { ...command, group: "shapes", run: ({ toolbox }) => toolbox.key(key) };
}

/** Keys of tools in their own contexts. */
export const DRAWING_COMMANDS: readonly Command[] = [
  keyCommand("finish", {
    id: "drawing.finish",
    label: "action.finish-shape",
    context: "drawing",
    shortcuts: ["Enter", "NumpadEnter"],
  }),
  keyCommand("remove", {
    id: "drawing.remove-point",
    label: "action.remove-point",
    context: "drawing",
    shortcuts: ["Backspace", "Delete", "Ctrl+KeyZ"],
  }),
  keyCommand("remove", {
    id: "vertex.remove",
    label: "action.remove-vertex",
    context: "vertices",
    shortcuts: ["Delete", "Backspace"],
  }),
];
