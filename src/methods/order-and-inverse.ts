import type { RandomStream } from "../random/random-stream.ts";

/**
 * Fills a draw of `2·n` numbers: a random order of n things, and the order that undoes it. Thing `order[i]` comes to place i,
 * and `inverse[thing]` is its place.
 */
export function writeOrderAndInverse(out: Float32Array | Int32Array, random: RandomStream): void {
  const count = out.length / 2;
  for (const [place, thing] of random.permutation(count).entries()) {
    out[place] = thing;
    out[count + thing] = place;
  }
}
