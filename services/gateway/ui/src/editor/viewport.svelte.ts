import { Viewport } from "../render/viewport";
import type { Point, Size } from "../shapes/types";

/** Zoom and pan of the image. The whole image stays visible until the user zooms or pans. */
export class EditorViewport {
  zoom = $state(1);
  readonly view = new Viewport();
  private screen: Size = { width: 0, height: 0 };
  private fitted = true;
  private onchange: () => void = () => undefined;

  constructor(readonly image: Size) {}

  /** Call `listener` whenever the image moves on the screen. */
  listen(listener: () => void): void {
    this.onchange = listener;
  }

  resize(screen: Size): void {
    this.view.pan((screen.width - this.screen.width) / 2, (screen.height - this.screen.height) / 2);
    this.screen = screen;
    if (this.fitted) this.fit();
    else this.changed();
  }

  fit(): void {
    this.fitted = true;
    this.view.fit(this.image, this.screen);
    this.changed();
  }

  zoomBy(factor: number, at: Point = { x: this.screen.width / 2, y: this.screen.height / 2 }): void {
    this.fitted = false;
    this.view.zoom(factor, at);
    this.changed();
  }

  pan(dx: number, dy: number): void {
    this.fitted = false;
    this.view.pan(dx, dy);
    this.changed();
  }

  private changed(): void {
    this.zoom = this.view.scale;
    this.onchange();
  }
}
