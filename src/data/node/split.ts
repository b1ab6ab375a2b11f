/** The parts of a data set, by purpose. */
export const PARTS = ["train", "val", "test"] as const;
export type Part = (typeof PARTS)[number];

/** The choices when opening a data set that comes in parts. */
export const SPLITS = [...PARTS, "all"] as const;
export type Split = (typeof SPLITS)[number];

const NAMES: Readonly<Record<string, Part>> = {
  train: "train",
  training: "train",
  val: "val",
  valid: "val",
  validation: "val",
  test: "test",
  testing: "test",
};

/** The part that a folder or list entry of this name contains; null for any other name. */
export function partNamed(name: string): Part | null {
  const key = name.trim().toLowerCase();
  return Object.hasOwn(NAMES, key) ? NAMES[key]! : null;
}
