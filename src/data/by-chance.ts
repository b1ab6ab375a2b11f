import { randomStream } from "../random/random-stream.ts";

/**
 * The places 0 … N - 1 of each class in a random order. Each place has a random number that depends on the
 * seed, the stream and the place only, and a class is sorted by these: the order of two places is the same
 * whatever the classes are called and whatever other pictures there are.
 *
 * @param labels N classes; pictures with a negative number have no label and are left out.
 */
export function classesByChance(
  labels: ArrayLike<number>,
  seed: number,
  stream: string,
): Map<number, number[]> {
  const members = new Map<number, number[]>();
  for (let place = 0; place < labels.length; place++) {
    const label = labels[place]!;
    if (label < 0) continue;
    const own = members.get(label);
    if (own === undefined) members.set(label, [place]);
    else own.push(place);
  }
  return new Map([...members].map(([label, own]) => [label, byChance(own, seed, stream)]));
}

/** Places sorted by the random number of each. */
export function byChance(places: readonly number[], seed: number, stream: string): number[] {
  const chances = new Map(places.map((place) => [place, randomStream(seed, stream, 0, place).uniform()]));
  return places.toSorted((a, b) => chances.get(a)! - chances.get(b)! || a - b);
}
