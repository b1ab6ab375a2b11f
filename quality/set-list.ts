/** The sets for evaluation. */
import { emojiSet } from "./emoji-set.ts";
import { fashionMnistSet } from "./fashion-mnist-set.ts";
import type { PictureSet } from "./picture-set.ts";

export interface SetPlaces {
  /** Folder of Fashion-MNIST's IDX files; null for none. */
  fashionMnist: string | null;
}

export interface SetEntry {
  name: string;
  title: string;
  /** Seeds to run, if none are given. */
  seeds: readonly number[];
  /** The flag that is needed to open the set; null for none. */
  missing(places: SetPlaces): string | null;
  open(places: SetPlaces): Promise<PictureSet>;
}

export const SETS: readonly SetEntry[] = [
  {
    name: "emoji",
    title: "Emoji",
    seeds: [0, 1, 2],
    missing: () => null,
    open: () => emojiSet(),
  },
  {
    name: "fashion-mnist",
    title: "Fashion-MNIST",
    seeds: [0],
    missing: ({ fashionMnist }) =>
      fashionMnist === null ? "--fashion-mnist <folder of its IDX files>" : null,
    open: ({ fashionMnist }) => fashionMnistSet(fashionMnist!),
  },
];
