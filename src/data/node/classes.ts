import { AfterimageError } from "../../errors.ts";
import { sortLabels } from "../sort-labels.ts";
import { displayPath } from "./byte-path.ts";
import type { Listing } from "./listing.ts";

/** The classes of a listing: their names, and for each picture the index of its class. */
export interface ClassTable {
  names: string[];
  labels: number[];
}

/**
 * Collects the labels of a listing. Classes are sorted by number if all labels are whole numbers, otherwise
 * by code unit. Broken pictures count, so that the index of a class does not depend on which pictures are
 * broken.
 *
 * @param asked `true`: every picture must have a label; `false`: none are wanted.
 * @returns `null` if none are wanted, or some picture has none.
 * @throws AfterimageError `data/format` when labels are asked for and a picture has none.
 */
export function collectClasses({ pictures, source }: Listing, asked: boolean): ClassTable | null {
  const bare = pictures.filter(({ label }) => label === null);
  if (bare.length > 0) {
    if (!asked) return null;
    throw new AfterimageError("data/format", {
      what: "labels are required, but some pictures have none",
      where: displayPath(source),
      expected: "each picture in a sub-folder named after its class, or each line of a list with a label",
      got: `${bare.length} of ${pictures.length} pictures without a label, for example ${bare[0]!.name}`,
    });
  }
  const found = new Set(pictures.map(({ label }) => label!));
  const names = sortLabels(found);
  const places = new Map(names.map((name, place) => [name, place]));
  return { names, labels: pictures.map(({ label }) => places.get(label!)!) };
}
