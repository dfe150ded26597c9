import type { Split } from "../../../api/types";

export const SUBSETS = ["train", "val", "test"] as const;
const MOST_SEED = 2 ** 53 - 1;
const MOST_SHARE = 1_000_000;

/** How files are divided into subsets, as it is being typed; an empty field is null. */
export class SplitForm {
  on = $state(false);
  shares = $state<Record<(typeof SUBSETS)[number], number | null>>({ train: 80, val: 10, test: 10 });
  seed = $state<number | null>(0);

  get sum(): number {
    return SUBSETS.reduce((sum, one) => sum + (this.shares[one] ?? 0), 0);
  }

  get sharesSound(): boolean {
    return this.sum > 0 && SUBSETS.every((one) => within(this.shares[one] ?? 0, MOST_SHARE));
  }

  get seedSound(): boolean {
    return this.seed !== null && Number.isInteger(this.seed) && within(this.seed, MOST_SEED);
  }

  get sound(): boolean {
    return !this.on || (this.sharesSound && this.seedSound);
  }

  /** What is asked for; null if files are not divided. */
  get asked(): Split | null {
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
  return SUBSETS.flatMap((one) => (split[one] > 0 ? [[one, split[one] / sum] as [typeof one, number]] : []));
}
