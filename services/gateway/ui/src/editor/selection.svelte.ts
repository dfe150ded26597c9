/** The selected objects. */
export class Selection {
  ids = $state.raw<ReadonlySet<string>>(new Set());

  constructor(private readonly onselect: () => void) {}

  /** The selected object, if it is exactly one. */
  get only(): string | null {
    const [first] = this.ids;
    return this.ids.size === 1 && first !== undefined ? first : null;
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  replace(...ids: string[]): void {
    this.ids = new Set(ids);
    if (ids.length > 0) this.onselect();
  }

  toggle(id: string): void {
    this.replace(...toggled(this.ids, id));
  }

  clear(): void {
    if (this.ids.size > 0) this.ids = new Set();
  }
}

/** The set with an element added, or removed if it was there. */
export function toggled(set: ReadonlySet<string>, id: string): Set<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}
