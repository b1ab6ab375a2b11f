import { AfterimageError } from "../errors.ts";

/**
 * Groups of places that are linked, directly or through others, such as pictures that are near-copies of each
 * other.
 *
 * @param size the number of places.
 * @param links pairs of places 0 … size - 1.
 * @returns for each place the smallest place of its group.
 * @throws AfterimageError `usage/value` for a place out of range.
 */
export function linkedGroups(size: number, links: Iterable<readonly [number, number]>): Int32Array {
  const parent = Int32Array.from({ length: size }, (_, place) => place);
  const rootOf = (place: number): number => {
    let root = place;
    while (parent[root] !== root) root = parent[root]!;
    parent[place] = root;
    return root;
  };
  for (const [a, b] of links) {
    requirePlace(a, size);
    requirePlace(b, size);
    const [first, second] = [rootOf(a), rootOf(b)];
    parent[Math.max(first, second)] = Math.min(first, second);
  }
  return parent.map((_, place) => rootOf(place));
}

function requirePlace(place: number, size: number): void {
  if (Number.isInteger(place) && place >= 0 && place < size) return;
  throw new AfterimageError("usage/value", {
    what: "a link is to a place that does not exist",
    expected: `an integer in [0, ${size})`,
    got: String(place),
  });
}
