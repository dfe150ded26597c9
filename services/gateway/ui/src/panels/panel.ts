import type { CommandRunner } from "../commands/runner";
import type { Editor } from "../editor/api";

/** What every panel and dialog of the labeling screen gets. */
export interface PanelProps {
  editor: Editor;
  commands: CommandRunner;
}
