import type { Tool } from "../editor/api";
import { box } from "./box";
import { polygon } from "./polygon";
import { select } from "./select";

/** The tools in the order of the toolbar. The first one is the one to which Escape returns. */
export const TOOLS: readonly Tool[] = [
  select,
  box,
  polygon,
];
