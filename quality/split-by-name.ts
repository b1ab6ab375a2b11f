import { stratifiedSplit } from "afterimage/evaluate";

/** The name of the thing in a picture, and its category. */
export interface NamedPicture {
  name: string;
  category: string;
}

export interface NameSplit {
  /** Rows of the pictures, ascending. */
  train: number[];
  test: number[];
}

/**
 * Divides pictures by name: all pictures of a name are on the same side. The same share of names of every
 * category is held out. A name's category is that of its first picture.
 */
export function splitByName(
  pictures: readonly NamedPicture[],
  { share, seed }: { share: number; seed: number },
): NameSplit {
  const categoryOf = new Map<string, string>();
  for (const { name, category } of pictures) if (!categoryOf.has(name)) categoryOf.set(name, category);
  const names = [...categoryOf.keys()].sort();
  const categories = [...new Set(categoryOf.values())].sort();
  const labels = names.map((name) => categories.indexOf(categoryOf.get(name)!));
  const { held } = stratifiedSplit(labels, { share, seed, stream: "quality/names" });
  const heldNames = new Set(Array.from(held, (row) => names[row]!));
  const rows = [...pictures.keys()];
  return {
    train: rows.filter((row) => !heldNames.has(pictures[row]!.name)),
    test: rows.filter((row) => heldNames.has(pictures[row]!.name)),
  };
}
