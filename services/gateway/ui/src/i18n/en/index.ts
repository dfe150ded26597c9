import access from "./access.json";
import accounts from "./accounts.json";
import common from "./common.json";
import editor from "./editor.json";
import exports from "./exports.json";
import imports from "./imports.json";
import media from "./media.json";
import members from "./members.json";
import missions from "./missions.json";
import models from "./models.json";
import projects from "./projects.json";
import versions from "./versions.json";

/** The English sentences, one file per area of the screen. */
export default {
  ...access,
  ...accounts,
  ...common,
  ...editor,
  ...exports,
  ...imports,
  ...media,
  ...members,
  ...missions,
  ...models,
  ...projects,
  ...versions,
};
