/** The traits of pictures as two bytes each, for a cache's index. */
import type { PictureTraits } from "./decode-picture.ts";

const TRAIT_BYTES = 2;
const BACKDROPS = [null, "white", "black"] as const;
const SCALINGS = [null, "fewer-bits", "own-range"] as const;

/** The span, then a number in base 3: whether it is cropped, the scaling, the backdrop. */
export function packTraits(traits: readonly PictureTraits[]): Uint8Array {
  const bytes = new Uint8Array(TRAIT_BYTES * traits.length);
  for (const [at, { span, backdrop, cropped, scaling }] of traits.entries()) {
    const digits = [Number(cropped), SCALINGS.indexOf(scaling), BACKDROPS.indexOf(backdrop)];
    bytes.set([span, digits.reduce((sum, digit) => 3 * sum + digit, 0)], TRAIT_BYTES * at);
  }
  return bytes;
}

/** The inverse of {@link packTraits}. Any bytes give valid traits. */
export function unpackTraits(bytes: Uint8Array): PictureTraits[] {
  return Array.from({ length: Math.floor(bytes.length / TRAIT_BYTES) }, (_, at) => {
    const [span, packed] = [bytes[TRAIT_BYTES * at]!, bytes[TRAIT_BYTES * at + 1]!];
    return {
      span,
      backdrop: BACKDROPS[packed % 3]!,
      cropped: Math.floor(packed / 9) % 3 === 1,
      scaling: SCALINGS[Math.floor(packed / 3) % 3]!,
    };
  });
}
