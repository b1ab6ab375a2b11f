import { randomStream } from "../random/random-stream.ts";

/** What the chance of a picture depends on, besides the picture. */
export interface Chance {
  seed: number;
  /** The purpose of the draw, as of a random stream. */
  stream: string;
  /**
   * A name for each picture. With names the chance of a picture depends on its name instead of its place, so
   * the same pictures are drawn from a list in another order.
   */
  names?: readonly string[] | undefined;
}

/** The random number of a place: uniform in [0, 1). */
export function chanceOf({ seed, stream, names }: Chance): (place: number) => number {
  return (place) => {
    const name = names?.[place];
    const [own, index] = name === undefined ? [stream, place] : [`${stream}/${name}`, 0];
    return randomStream(seed, own, 0, index).uniform();
  };
}

/**
 * The places 0 … N - 1 of each class in a random order. Each place has a random number that depends on the
 * seed, the stream and the place or name only, and a class is sorted by these: the order of two pictures is
 * the same whatever the classes are called and whatever other pictures there are.
 *
 * @param labels N classes; pictures with a negative number have no label and are left out.
 */
export function classesByChance(labels: ArrayLike<number>, chance: Chance): Map<number, number[]> {
  const members = new Map<number, number[]>();
  for (let place = 0; place < labels.length; place++) {
    const label = labels[place]!;
    if (label < 0) continue;
    const own = members.get(label);
    if (own === undefined) members.set(label, [place]);
    else own.push(place);
  }
  return new Map([...members].map(([label, own]) => [label, byChance(own, chance)]));
}

/** Places sorted by the random number of each. */
export function byChance(places: readonly number[], chance: Chance): number[] {
  const of = chanceOf(chance);
  const chances = new Map(places.map((place) => [place, of(place)]));
  return places.toSorted((a, b) => chances.get(a)! - chances.get(b)! || a - b);
}
