import { NO_OVERLAY, type Overlay } from "../render/scene";
import type { Editor, KeyContext, PointerEventName, PointerInput, Tool, Toolbox, ToolKey, ToolState } from "./api";

/** Runs the states of the current tool. */
export class ToolRunner implements Toolbox {
  private current = $state.raw() as Tool;
  private state!: ToolState;
  private onchange: () => void = () => undefined;

  constructor(
    private readonly tools: readonly Tool[],
    private readonly editor: Editor,
  ) {
    this.use(this.fallback.id);
  }

  get tool(): Tool {
    return this.current;
  }

  /** The tool to which Escape returns. */
  private get fallback(): Tool {
    return this.tools[0]!;
  }

  get isFallback(): boolean {
    return this.current === this.fallback;
  }

  /** The tool that draws shapes of a kind. */
  drawing(kind: string): Tool | undefined {
    return this.tools.find((tool) => tool.draws === kind);
  }

  use(id: string, mode?: string): void {
    this.current = this.tools.find((tool) => tool.id === id) ?? this.fallback;
    this.enter(this.current.start(this.editor, mode));
  }

  useFallback(): void {
    this.use(this.fallback.id);
  }

  /** Call `listener` whenever the overlay or the cursor may have changed. */
  listen(listener: () => void): void {
    this.onchange = listener;
  }

  dispatch(name: PointerEventName, input: PointerInput): boolean {
    const { state } = this;
    if (!state[name]) return false;
    this.go(state, state[name](input));
    return true;
  }

  pointerLeft(): void {
    this.state.pointerLeave?.();
    this.onchange();
  }

  key(key: ToolKey): void {
    const { state } = this;
    this.go(state, state.key?.(key));
  }

  /** Cancel the current step. Returns whether there was one. */
  cancel(): boolean {
    const { state } = this;
    const next = state.cancel?.();
    this.go(state, next);
    return next !== undefined;
  }

  get context(): KeyContext {
    return this.state.context ?? "editor";
  }

  get cursor(): string {
    return this.state.cursor();
  }

  get overlay(): Overlay {
    return { ...NO_OVERLAY, ...this.state.overlay?.() };
  }

  private go(from: ToolState, next: ToolState | undefined | void): void {
    // If the handler changed the tool, its next state is obsolete.
    if (next && this.state === from) this.enter(next);
    else this.onchange();
  }

  private enter(state: ToolState): void {
    this.state = state;
    state.enter?.();
    this.onchange();
  }
}
