import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { AfterimageError } from "../errors.ts";
import { standardNormal } from "./standard-normal.ts";
import { threefry4x32, type Words4 } from "./threefry.ts";
import { standardTruncatedNormal } from "./truncated-normal.ts";

/**
 * Random numbers as a pure function of (seed, stream, epoch, index): the same four give the same numbers,
 * whatever the order of calls, in any process. So they do not change if a run is resumed in the middle of an
 * epoch, or an epoch is shared among several machines.
 *
 * A stream is a cursor: each call advances it. Make a new one from the key to start again.
 *
 * @param seed the run's seed: any safe integer.
 * @param stream the purpose of the numbers ("order", "views", "init/encoder.conv1.weight").
 * @param epoch a safe integer, 0 or more.
 * @param index the picture, step or parameter within the epoch: a safe integer, 0 or more.
 * @throws AfterimageError `usage/value` when a number of the key is not such an integer.
 */
export function randomStream(seed: number, stream: string, epoch: number, index: number): RandomStream {
  requireInteger("seed", seed, Number.MIN_SAFE_INTEGER);
  requireInteger("epoch", epoch, 0);
  requireInteger("index", index, 0);
  const state = threefry4x32(keyOf(seed, stream), [...words64(epoch), ...words64(index)]);
  // All zeros is the generator's only forbidden state. At most one of a key's 2^128 counters leads there.
  return new RandomStream(xoroshiro128plusFromState(state.some(Boolean) ? state : [1, 0, 0, 0]));
}

/** The last key, stored because most callers go through the indices of one stream. */
let newest: { seed: number; stream: string; key: Words4 } | null = null;

function keyOf(seed: number, stream: string): Words4 {
  if (newest?.seed !== seed || newest.stream !== stream)
    newest = { seed, stream, key: absorb([...words64(seed), stream.length, 0], stream) };
  return newest.key;
}

/** Folds the stream's name into the key, eight UTF-16 units at a time. */
function absorb(key: Words4, name: string): Words4 {
  let folded = key;
  for (let start = 0; start < name.length; start += 8) {
    folded = threefry4x32(folded, [
      unitPair(name, start),
      unitPair(name, start + 2),
      unitPair(name, start + 4),
      unitPair(name, start + 6),
    ]);
  }
  return folded;
}

/** Two UTF-16 units as one word; after the end they are 0 (`charCodeAt` gives NaN there). */
function unitPair(name: string, at: number): number {
  return name.charCodeAt(at) | (name.charCodeAt(at + 1) << 16);
}

function words64(value: number): [number, number] {
  return [value >>> 0, Math.floor(value / 2 ** 32) >>> 0];
}

function requireInteger(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new AfterimageError("usage/value", {
    what: `${name} of a random stream is not usable`,
    expected: least === 0 ? "a safe integer, 0 or more" : "a safe integer",
    got: String(value),
  });
}

/** A cursor over random numbers; see {@link randomStream}. */
export class RandomStream {
  readonly #generator: RandomGenerator;

  constructor(generator: RandomGenerator) {
    this.#generator = generator;
  }

  /** Uniform in [low, high), with 53 random bits. */
  uniform(low = 0, high = 1): number {
    const upper = this.#generator.next() >>> 5;
    const lower = this.#generator.next() >>> 6;
    return low + (high - low) * ((upper * 2 ** 26 + lower) * 2 ** -53);
  }

  /**
   * An integer in [low, highExclusive), every one equally likely. Both ends are safe integers, low <
   * highExclusive.
   */
  integer(low: number, highExclusive: number): number {
    if (!(Number.isSafeInteger(low) && Number.isSafeInteger(highExclusive) && low < highExclusive)) {
      throw new AfterimageError("usage/value", {
        what: "a random integer needs a range with something in it",
        expected: "safe integers, low < highExclusive",
        got: `[${low}, ${highExclusive})`,
      });
    }
    return uniformInt(this.#generator, low, highExclusive - 1);
  }

  /** One draw from N(0, 1). */
  normal(): number {
    return standardNormal(this.#generator);
  }

  /**
   * One draw from N(0, std²) given that it lies in [low, high]. The ends are values, not multiples of `std`,
   * as in timm's and PyTorch's `trunc_normal_`.
   */
  truncatedNormal(std: number, low: number, high: number): number {
    requireWindow(std, low, high);
    return std * standardTruncatedNormal(this.#generator, low / std, high / std);
  }

  /** True with probability p. */
  chance(p: number): boolean {
    return this.uniform() < p;
  }

  /** The numbers 0 … n - 1 in random order, every order equally likely (Fisher–Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let last = n - 1; last > 0; last--) {
      const chosen = uniformInt(this.#generator, 0, last);
      const kept = order[last]!;
      order[last] = order[chosen]!;
      order[chosen] = kept;
    }
    return order;
  }

  /** Fills with uniform numbers of 24 random bits from [low, high); rounding to float32 can reach `high`. */
  fillUniform(out: Float32Array, low = 0, high = 1): Float32Array {
    const generator = this.#generator;
    const step = (high - low) * 2 ** -24;
    for (let i = 0; i < out.length; i++) out[i] = low + step * (generator.next() >>> 8);
    return out;
  }

  /** Fills with draws from N(mean, std²): the numbers `normal()` would give, one after another. */
  fillNormal(out: Float32Array, mean = 0, std = 1): Float32Array {
    const generator = this.#generator;
    for (let i = 0; i < out.length; i++) out[i] = mean + std * standardNormal(generator);
    return out;
  }

  /** Fills with the numbers `truncatedNormal(std, low, high)` would give, one after another. */
  fillTruncatedNormal(out: Float32Array, std: number, low: number, high: number): Float32Array {
    requireWindow(std, low, high);
    const generator = this.#generator;
    for (let i = 0; i < out.length; i++)
      out[i] = std * standardTruncatedNormal(generator, low / std, high / std);
    return out;
  }
}

function requireWindow(std: number, low: number, high: number): void {
  if (std > 0 && low < high) return;
  throw new AfterimageError("usage/value", {
    what: "a truncated normal needs a spread and a window",
    expected: "std > 0 and low < high",
    got: `std ${std}, [${low}, ${high}]`,
  });
}
