/**
 * Threefry-4x32 with 20 rounds: a keyed bijection of 128 bits, made of additions, rotations and XORs.
 *
 * Here it is the mixer that turns a key (seed, stream, epoch, index) into a generator state: neighbouring
 * counters give unrelated words, and two counters under one key never give the same words.
 *
 * Source: J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), section 4.2 and
 * table 2 (rotations); known answers from the authors' Random123 distribution (`kat_vectors`).
 */

/** Four unsigned 32-bit words. */
export type Words4 = readonly [number, number, number, number];

const ROUNDS = 20;
/** The parity constant of the Threefish key schedule, in 32 bits. */
const KEY_PARITY = 0x1bd11bda;
/** Rotations of the two pairs of words, round by round; the table repeats after eight rounds. */
const ROTATIONS_LEFT = Uint8Array.of(10, 11, 13, 23, 6, 17, 25, 18);
const ROTATIONS_RIGHT = Uint8Array.of(26, 21, 27, 5, 20, 11, 10, 20);

/**
 * Encrypts a counter under a key.
 *
 * @returns four unsigned 32-bit words; for one key a bijection of the counter.
 */
export function threefry4x32(key: Words4, counter: Words4): Words4 {
  const schedule = Int32Array.of(...key, KEY_PARITY ^ key[0] ^ key[1] ^ key[2] ^ key[3]);
  let x0 = (counter[0] + schedule[0]!) | 0;
  let x1 = (counter[1] + schedule[1]!) | 0;
  let x2 = (counter[2] + schedule[2]!) | 0;
  let x3 = (counter[3] + schedule[3]!) | 0;
  for (let round = 0; round < ROUNDS; round++) {
    x0 = (x0 + x1) | 0;
    x2 = (x2 + x3) | 0;
    const mixed1 = rotateLeft(x1, ROTATIONS_LEFT[round & 7]!) ^ x0;
    x1 = rotateLeft(x3, ROTATIONS_RIGHT[round & 7]!) ^ x2;
    x3 = mixed1; // words 1 and 3 change places after every round
    if ((round & 3) === 3) {
      const injection = (round + 1) >> 2;
      x0 = (x0 + schedule[injection % 5]!) | 0;
      x1 = (x1 + schedule[(injection + 1) % 5]!) | 0;
      x2 = (x2 + schedule[(injection + 2) % 5]!) | 0;
      x3 = (x3 + schedule[(injection + 3) % 5]! + injection) | 0;
    }
  }
  return [x0 >>> 0, x1 >>> 0, x2 >>> 0, x3 >>> 0];
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
