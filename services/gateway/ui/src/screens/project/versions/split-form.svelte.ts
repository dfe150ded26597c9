import type { Split } from "../../../api/types";

export const SUBSETS = ["train", "val", "test"] as const;
const MAX_SEED = 2 ** 53 - 1;
const MAX_SHARE = 1_000_000;

/** The state of the split fields; an empty field is null. */
export class SplitForm {
  on = $state(false);
  shares = $state<Record<(typeof SUBSETS)[number], number | null>>({ train: 80, val: 10, test: 10 });
  seed = $state<number | null>(0);

  get sum(): number {
    return SUBSETS.reduce((sum, subset) => sum + (this.shares[subset] ?? 0), 0);
  }

  get sharesValid(): boolean {
    return this.sum > 0 && SUBSETS.every((subset) => within(this.shares[subset] ?? 0, MAX_SHARE));
  }

  get seedValid(): boolean {
    return this.seed !== null && Number.isInteger(this.seed) && within(this.seed, MAX_SEED);
  }

  get valid(): boolean {
    return !this.on || (this.sharesValid && this.seedValid);
  }

  /** The requested split; null for none. */
  get request(): Split | null {
    if (!this.on) return null;
    const { train, val, test } = this.shares;
    return { train: train ?? 0, val: val ?? 0, test: test ?? 0, seed: this.seed ?? 0 };
  }
}

function within(value: number, most: number): boolean {
  return value >= 0 && value <= most;
}

/** The share of each subset that has one, as parts of 1. */
export function partsOf(split: Split): [(typeof SUBSETS)[number], number][] {
  const sum = split.train + split.val + split.test;
  return SUBSETS.flatMap((subset) => (split[subset] > 0 ? [[subset, split[subset] / sum] as [typeof subset, number]] : []));
}
