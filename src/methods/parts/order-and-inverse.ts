/** Draws of random orders, each with the order that undoes it. */
import type { Draw } from "../../objectives/draw.ts";
import type { RandomStream } from "../../random/random-stream.ts";

/** An order of N patches for each picture, and its inverse, under the name `order`: int32 `[B, 2, N]`. */
export function patchOrder(patches: number): Draw {
  return {
    name: "order",
    stage: "embed",
    per: "picture",
    dtype: "int32",
    shape: (pictures) => [pictures, 2, patches],
    fill: writeOrderAndInverse,
  };
}

/** An order of the pictures, and its inverse, under the name `shuffle`: int32 `[2, B]`. */
export function pictureOrder(): Draw {
  return {
    name: "shuffle",
    stage: "embed",
    per: "part",
    dtype: "int32",
    shape: (pictures) => [2, pictures],
    fill: writeOrderAndInverse,
  };
}

/**
 * Fills `2·n` numbers: a random order of n things, and its inverse. Thing `order[i]` comes to place i, and
 * `inverse[thing]` is its place.
 */
function writeOrderAndInverse(out: Float32Array | Int32Array, random: RandomStream): void {
  const count = out.length / 2;
  for (const [place, thing] of random.permutation(count).entries()) {
    out[place] = thing;
    out[count + thing] = place;
  }
}
