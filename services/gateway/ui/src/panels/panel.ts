import type { CommandRunner } from "../commands/runner";
import type { Editor } from "../editor/api";

/** The properties of every panel and dialog of the labeling screen. */
export interface PanelProps {
  editor: Editor;
  commands: CommandRunner;
}
