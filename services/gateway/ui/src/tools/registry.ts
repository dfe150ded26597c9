import type { Tool } from "../editor/api";
import { box } from "./box";
import { polygon } from "./polygon";
import { select } from "./select";

/** The tools in the order of the toolbar. Escape returns to the first one. */
export const TOOLS: readonly Tool[] = [
  select,
  box,
  polygon,
];
