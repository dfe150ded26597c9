import type { Command } from "../editor/api";

const FAR = 10;
const frames = { group: "frames", context: "editor" } as const;

export const FRAME_COMMANDS: readonly Command[] = [
  { ...frames, id: "play", label: "action.play", shortcuts: ["Space"], run: ({ playback }) => playback.toggle() },
  { ...frames, id: "frame.previous", label: "action.previous-frame", shortcuts: ["KeyD"], run: ({ playback }) => playback.step(-1) },
  { ...frames, id: "frame.next", label: "action.next-frame", shortcuts: ["KeyF"], run: ({ playback }) => playback.step(1) },
  { ...frames, id: "frame.back-10", label: "action.back-10", shortcuts: ["KeyC"], run: ({ playback }) => playback.step(-FAR) },
  { ...frames, id: "frame.forward-10", label: "action.forward-10", shortcuts: ["KeyV"], run: ({ playback }) => playback.step(FAR) },
  {
    ...frames,
    id: "frame.previous-labeled",
    label: "action.previous-labeled",
    shortcuts: ["ArrowLeft"],
    run: (editor) => editor.seekLabeled(-1),
  },
  {
    ...frames,
    id: "frame.next-labeled",
    label: "action.next-labeled",
    shortcuts: ["ArrowRight"],
    run: (editor) => editor.seekLabeled(1),
  },
  {
    ...frames,
    id: "keyframe.previous",
    label: "action.previous-keyframe",
    shortcuts: ["KeyE"],
    run: (editor) => editor.seekKeyframe(-1),
  },
  { ...frames, id: "keyframe.next", label: "action.next-keyframe", shortcuts: ["KeyR"], run: (editor) => editor.seekKeyframe(1) },
  {
    ...frames,
    id: "frame.go-to",
    label: "action.go-to-frame",
    shortcuts: ["KeyG"],
    run: (editor) => void (editor.frameNumberRequests += 1),
  },
  {
    ...frames,
    id: "clip.start",
    label: "action.clip-start",
    shortcuts: ["Home"],
    run: ({ clips, playback }) => playback.seek(clips[playback.clip]?.first ?? 0),
  },
  {
    ...frames,
    id: "clip.end",
    label: "action.clip-end",
    shortcuts: ["End"],
    run: ({ clips, playback }) => playback.seek(clips[playback.clip]?.last ?? playback.count - 1),
  },
];
