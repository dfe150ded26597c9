/** An angle in [0, 360). */
export function positive(degrees: number): number {
  return ((degrees % 360) + 360) % 360;
}

/** The turn in degrees from `a` to `b` along the shorter arc, in (-180, 180]. */
export function shortArc(a: number, b: number): number {
  const turn = positive(b - a);
  return turn > 180 ? turn - 360 : turn;
}
