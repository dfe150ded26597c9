import type { Command, CommandGroup } from "../editor/api";
import { FRAME_COMMANDS } from "./frames";
import { CATEGORY_COMMANDS, OBJECT_COMMANDS } from "./objects";
import { DRAWING_COMMANDS, TOOL_COMMANDS } from "./tools";
import { WORK_COMMANDS } from "./work";

/** All commands of the labeling screen. */
export const COMMANDS: readonly Command[] = [
  ...TOOL_COMMANDS,
  ...FRAME_COMMANDS,
  ...OBJECT_COMMANDS,
  ...CATEGORY_COMMANDS,
  ...DRAWING_COMMANDS,
  ...WORK_COMMANDS,
];

export function commandsOf(group: CommandGroup): readonly Command[] {
  return COMMANDS.filter((command) => command.group === group);
}
