import type { Command, Editor } from "../editor/api";

const objects = { group: "objects", context: "editor" } as const;
const hasSelection = (editor: Editor): boolean => editor.selection.ids.size > 0;

export const OBJECT_COMMANDS: readonly Command[] = [
  {
    ...objects,
    id: "object.confirm",
    label: "action.confirm",
    shortcuts: ["Enter", "NumpadEnter"],
    enabled: ({ newObjects }) => newObjects.draft !== null,
    run: ({ newObjects }) => newObjects.confirm(),
  },
  { ...objects, id: "cancel", label: "action.cancel", shortcuts: ["Escape"], run: (editor) => editor.cancel() },
  { ...objects, id: "object.next", label: "action.next-object", shortcuts: ["Tab"], run: (editor) => editor.objects.selectNext(1) },
  {
    ...objects,
    id: "object.previous",
    label: "action.previous-object",
    shortcuts: ["Shift+Tab"],
    run: (editor) => editor.objects.selectNext(-1),
  },
  {
    ...objects,
    id: "object.keyframe",
    label: "action.keyframe",
    shortcuts: ["KeyK"],
    enabled: hasSelection,
    run: ({ edits }) => edits.toggleKeyframe(),
  },
  {
    ...objects,
    id: "object.outside",
    label: "action.outside",
    shortcuts: ["KeyO"],
    enabled: hasSelection,
    run: ({ edits }) => edits.toggleOutside(),
  },
  {
    ...objects,
    id: "object.occluded",
    label: "action.occluded",
    shortcuts: ["KeyQ"],
    enabled: hasSelection,
    run: ({ edits }) => edits.toggleOccluded(),
  },
  {
    ...objects,
    id: "object.hide",
    label: "action.hide",
    shortcuts: ["KeyH"],
    enabled: hasSelection,
    run: ({ objects: all, selection }) => selection.ids.forEach((id) => all.toggleHidden(id)),
  },
  {
    ...objects,
    id: "object.lock",
    label: "action.lock",
    shortcuts: ["KeyL"],
    enabled: hasSelection,
    run: ({ objects: all, selection }) => selection.ids.forEach((id) => all.toggleLocked(id)),
  },
  {
    ...objects,
    id: "object.done",
    label: "action.done",
    shortcuts: ["KeyT"],
    enabled: hasSelection,
    run: ({ edits, selection }) => edits.toggleDone(...selection.ids),
  },
  {
    ...objects,
    id: "object.delete",
    label: "action.delete",
    shortcuts: ["Delete", "Backspace"],
    enabled: hasSelection,
    run: ({ edits }) => edits.deleteSelected(),
  },
  {
    ...objects,
    id: "object.copy",
    label: "action.copy",
    shortcuts: ["Ctrl+KeyC"],
    enabled: hasSelection,
    run: ({ newObjects }) => newObjects.copySelected(),
  },
  { ...objects, id: "object.paste", label: "action.paste", shortcuts: ["Ctrl+KeyV"], run: ({ newObjects }) => newObjects.paste() },
];

const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

export const CATEGORY_COMMANDS: readonly Command[] = DIGITS.map((n) => ({
  id: `category.${n}`,
  label: "action.category",
  params: { n },
  group: "categories",
  context: "editor",
  shortcuts: [`Digit${n}`, `Numpad${n}`],
  enabled: ({ missions, project }) => missions.categoryOfKey(n, project.settings.label_keys) !== undefined,
  run: (editor) => editor.pickCategory(n),
}));
