import type { Command, Tool } from "../editor/api";
import { TOOLS } from "../tools/registry";

function useCommand(tool: Tool): Command {
  const { id, label, icon, shortcuts } = tool;
  return { id: `tool.${id}`, label, icon, shortcuts, group: "tools", context: "editor", run: ({ toolbox }) => toolbox.use(id) };
}

/** A command for each tool, and the commands that tools bring. */
export const TOOL_COMMANDS: readonly Command[] = [...TOOLS.map(useCommand), ...TOOLS.flatMap((tool) => tool.commands ?? [])];

/** Keys of tools in their own contexts. */
export const DRAWING_COMMANDS: readonly Command[] = [
  {
    id: "drawing.finish",
    label: "action.finish-shape",
    group: "shapes",
    context: "drawing",
    shortcuts: ["Enter", "NumpadEnter"],
    run: ({ toolbox }) => toolbox.key("finish"),
  },
  {
    id: "drawing.remove-point",
    label: "action.remove-point",
    group: "shapes",
    context: "drawing",
    shortcuts: ["Backspace", "Delete", "Ctrl+KeyZ"],
    run: ({ toolbox }) => toolbox.key("remove"),
  },
  {
    id: "vertex.remove",
    label: "action.remove-vertex",
    group: "shapes",
    context: "vertices",
    shortcuts: ["Delete", "Backspace"],
    run: ({ toolbox }) => toolbox.key("remove"),
  },
];
