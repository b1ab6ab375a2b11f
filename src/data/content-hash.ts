/**
 * MurmurHash3, x86 128-bit form: distinguishes contents, at several hundred megabytes a second and without
 * Node. Not for security.
 *
 * Source: A. Appleby, SMHasher, `src/MurmurHash3.cpp`, `MurmurHash3_x86_128` (public domain).
 *
 * @returns 32 hexadecimal digits.
 */
export function contentHash(bytes: Uint8Array, seed = 0): string {
  const state = Int32Array.of(seed, seed, seed, seed);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length - (bytes.length % 16);
  const block = new Int32Array(4);
  for (let at = 0; at < whole; at += 16) {
    for (let lane = 0; lane < 4; lane++) block[lane] = view.getInt32(at + 4 * lane, true);
    foldBlock(state, block);
  }
  block.fill(0);
  for (let at = whole; at < bytes.length; at++) block[(at - whole) >> 2]! |= bytes[at]! << (8 * (at & 3));
  // Words that are zero change nothing.
  for (let lane = 0; lane < 4; lane++) state[lane]! ^= scramble(block[lane]!, lane);
  return finish(state, bytes.length);
}

/** The hash of a text in UTF-8. */
export function textHash(text: string): string {
  return contentHash(new TextEncoder().encode(text));
}

const FACTORS = Int32Array.of(0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93);
const WORD_ROTATIONS = Uint8Array.of(15, 16, 17, 18);
const STATE_ROTATIONS = Uint8Array.of(19, 17, 15, 13);
const STATE_ADDENDS = Int32Array.of(0x561ccd1b, 0x0bcaa747, 0x96cd1c35, 0x32ac3b17);

function scramble(word: number, lane: number): number {
  return Math.imul(
    rotateLeft(Math.imul(word, FACTORS[lane]!), WORD_ROTATIONS[lane]!),
    FACTORS[(lane + 1) & 3]!,
  );
}

function foldBlock(state: Int32Array, block: Int32Array): void {
  for (let lane = 0; lane < 4; lane++) {
    const mixed = rotateLeft(state[lane]! ^ scramble(block[lane]!, lane), STATE_ROTATIONS[lane]!);
    state[lane] = Math.imul(mixed + state[(lane + 1) & 3]!, 5) + STATE_ADDENDS[lane]!;
  }
}

function finish(state: Int32Array, length: number): string {
  for (let lane = 0; lane < 4; lane++) state[lane]! ^= length;
  sumLanes(state);
  for (let lane = 0; lane < 4; lane++) state[lane] = avalanche(state[lane]!);
  sumLanes(state);
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

function sumLanes(state: Int32Array): void {
  state[0] = state[0]! + state[1]! + state[2]! + state[3]!;
  for (let lane = 1; lane < 4; lane++) state[lane] = state[lane]! + state[0]!;
}

function avalanche(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
