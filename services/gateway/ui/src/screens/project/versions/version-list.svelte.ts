import { listVersions } from "../../../api/versions";
import type { Version } from "../../../api/types";
import { ItemList } from "../item-list.svelte";

/** The dataset versions of a project, newest first. */
export class VersionList extends ItemList<Version> {
  constructor(project: string) {
    super(() => listVersions(project));
  }
}
