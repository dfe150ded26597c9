import type { Component } from "svelte";
import type { DialogId } from "../editor/api";
import Attributes from "./attributes/Attributes.svelte";
import Conflicts from "./conflicts/Conflicts.svelte";
import KeySheet from "./keys/KeySheet.svelte";
import DeleteAll from "./objects/DeleteAll.svelte";
import ObjectList from "./objects/ObjectList.svelte";
import type { PanelProps } from "./panel";
import Refused from "./refused/Refused.svelte";
import Timeline from "./timeline/Timeline.svelte";
import Toolbar from "./toolbar/Toolbar.svelte";
import TopBar from "./top-bar/TopBar.svelte";

export type PanelArea = "top" | "canvas" | "bottom" | "side";

interface Panel {
  id: string;
  area: PanelArea;
  component: Component<PanelProps>;
}

/** The panels of the labeling screen, in the order of each area. */
const PANELS: readonly Panel[] = [
  { id: "status", area: "top", component: TopBar },
  { id: "conflicts", area: "canvas", component: Conflicts },
  { id: "toolbar", area: "bottom", component: Toolbar },
  { id: "timeline", area: "bottom", component: Timeline },
  { id: "objects", area: "side", component: ObjectList },
  { id: "attributes", area: "side", component: Attributes },
];

export function panelsIn(area: PanelArea): readonly Panel[] {
  return PANELS.filter((panel) => panel.area === area);
}

/** The dialogs; each closes itself with `editor.dialog = null`. */
export const DIALOGS: Record<DialogId, Component<PanelProps>> = {
  keys: KeySheet,
  refused: Refused,
  "delete-all": DeleteAll,
};
