/** Pictures that are unlike all that a network was trained on, by the distance of their features. */
import { nearest } from "../evaluate/nearest.ts";
import { pickRows } from "../evaluate/pick-rows.ts";
import type { Matrix } from "../formats/matrix.ts";
import { randomStream } from "../random/random-stream.ts";

/** Training pictures whose features are kept; of more, this many are drawn. */
export const MOST_KEPT = 4096;
/** The share of training pictures, each compared with the others, that are not unlike them. */
export const QUANTILE = 0.99;

/** Cosines are products of float32 numbers, exact to about 1e-7: the distance of equal pictures is 0. */
const EXACT = 2 ** -20;

/** Training pictures to compare with, and from which distance on a picture is unlike them. */
export interface Familiar {
  /** `[M, D]`. */
  features: Matrix;
  /** Cosine distance, 1 - cosine, from 0 to 2. */
  threshold: number;
}

export interface FamiliarOptions {
  /**
   * `[N, D]` of pictures of the same kind that did not train, such as the validation part. Training draws its
   * own pictures together, so the others are somewhat farther away.
   */
  others?: Matrix;
  /** Determines which pictures are kept. */
  seed: number;
  /** Default {@link MOST_KEPT}. */
  most?: number;
  threads?: number;
}

/**
 * Keeps the features of training pictures, and finds the threshold: the 99 % quantile of the distance of each
 * to the nearest of the others, or that of `others` to the nearest of them if it is larger.
 *
 * @param training `[M, D]` features of the pictures that trained.
 * @returns null for a single picture, to which no distance can be compared.
 * @throws AfterimageError `evaluate/shape`, `evaluate/not-finite` for features that cannot be compared.
 */
export async function learnFamiliar(training: Matrix, options: FamiliarOptions): Promise<Familiar | null> {
  const { others, seed, most = MOST_KEPT, threads = 0 } = options;
  if (training.rows < 2) return null;
  const kept = randomStream(seed, "familiar", 0, 0).permutation(training.rows).slice(0, most).sort();
  const features = kept.length === training.rows ? training : pickRows(training, kept);
  const own = await distances(features, features, threads, true);
  const beside = others === undefined || others.rows === 0 ? [] : await distances(others, features, threads);
  return { features, threshold: Math.max(quantile(own, QUANTILE), quantile(beside, QUANTILE)) };
}

/**
 * The cosine distance of each picture to the nearest training picture, `[N]`, from 0 to 2.
 *
 * @param features `[N, D]`.
 * @throws AfterimageError as {@link learnFamiliar}.
 */
export async function strangeness(features: Matrix, familiar: Familiar, threads = 0): Promise<Float64Array> {
  return Float64Array.from(await distances(features, familiar.features, threads));
}

async function distances(
  queries: Matrix,
  gallery: Matrix,
  threads: number,
  excludeSelf = false,
): Promise<number[]> {
  const { scores } = await nearest({ queries, gallery, k: 1, excludeSelf, threads });
  return Array.from(scores, (cosine) => Math.max(0, Math.round((1 - cosine) / EXACT) * EXACT));
}

/** The quantile between the two nearest values, linearly, as numpy's default; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place - Math.floor(place));
}
