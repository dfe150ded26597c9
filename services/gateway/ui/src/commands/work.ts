import type { Command } from "../editor/api";

const work = { group: "work", context: "editor" } as const;

export const WORK_COMMANDS: readonly Command[] = [
  {
    ...work,
    id: "undo",
    label: "action.undo",
    shortcuts: ["Ctrl+KeyZ"],
    enabled: ({ edits }) => edits.canUndo,
    run: ({ edits }) => edits.undo(),
  },
  {
    ...work,
    id: "redo",
    label: "action.redo",
    shortcuts: ["Ctrl+Shift+KeyZ"],
    enabled: ({ edits }) => edits.canRedo,
    run: ({ edits }) => edits.redo(),
  },
  { ...work, id: "save", label: "action.save", shortcuts: ["KeyS"], run: (editor) => editor.saveNow() },
  { ...work, id: "view.fit", label: "action.fit", shortcuts: ["Digit0", "Numpad0"], run: ({ viewport }) => viewport.fit() },
  { ...work, id: "keys", label: "action.keys", shortcuts: ["?"], run: (editor) => void (editor.dialog = "keys") },
  {
    ...work,
    id: "objects.delete-all",
    label: "objects.delete-all",
    shortcuts: [],
    enabled: ({ objects }) => objects.all.length > 0,
    run: (editor) => void (editor.dialog = "delete-all"),
  },
];
