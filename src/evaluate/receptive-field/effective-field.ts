/** What of a picture really moves one place of a map: the effective receptive field. */
import type { Backbone } from "../../backbones/backbone.ts";
import { AfterimageError } from "../../errors.ts";
import { Scope } from "../../nn/scope.ts";
import { Variables } from "../../nn/variables.ts";
import { randomStream } from "../../random/index.ts";
import { runOnce } from "../../runtime/session.ts";
import { compile, gradients, input, mul, slice, sum, type Tensor } from "../../tensor/index.ts";
import { isIn } from "./layer-fields.ts";
import { receptiveFields } from "./receptive-fields.ts";

export interface EffectiveFieldOptions {
  backbone: Backbone;
  /** Weights by bare name. */
  values: ReadonlyMap<string, Float32Array>;
  /** Normalised pictures, `[n, 3, S, S]`. */
  pictures: Float32Array;
  imageSize: number;
  /** The path of a layer; the last one with places by default. */
  layer?: string;
  /** Seed of the weights under which the channels are added. Default 0. */
  seed?: number;
  /** Default: the physical cores. */
  threads?: number;
}

export interface EffectiveField {
  /** The layer whose middle place it is of. */
  layer: string;
  /** Row and column of the place, and the size of the map, in places. */
  place: readonly [row: number, column: number];
  map: readonly [rows: number, columns: number];
  /** The mean magnitude of the gradient by each pixel, adding up to 1: `[S, S]`. */
  shares: Float32Array;
  /** The fewest pixels that have 95 % of it together. */
  pixels: number;
  /** The side of a square of as many pixels. */
  side: number;
  /** The Gaussian of the same mean and deviations, in pixels; the first pixel goes from 0 to 1. */
  gaussian: {
    mean: readonly [row: number, column: number];
    deviation: readonly [row: number, column: number];
  };
}

/** Of the magnitude of the gradient. */
const MOST = 0.95;

/**
 * The gradient of the middle place of a layer's result by the pixels: its channels added under random signs,
 * so that they do not cancel, its magnitude added over colours and averaged over pictures.
 *
 * Source: Luo et al. 2016, arXiv 1701.04128, section 2. They measure the area above a share of the largest
 * gradient; the smallest area with 95 % of all of it needs no largest one, which noise decides.
 *
 * @throws AfterimageError `usage/value` for a layer that is not there, or whose result has no places;
 * `evaluate/not-finite` when no gradient arrives, or one that is no number.
 */
export async function effectiveField(options: EffectiveFieldOptions): Promise<EffectiveField> {
  const { backbone, values, pictures, imageSize, seed = 0, threads } = options;
  const count = pictures.length / (3 * imageSize ** 2);
  const picture = input("pictures", [count, 3, imageSize, imageSize]);
  const scope = new Scope(new Variables(), "", { training: false, trainable: false });
  const { tensor, layer } = resultOf(backbone, scope, picture, options.layer);
  const { starts, place, map } = middleOf(tensor);
  const ends = starts.map((start, axis) => (axis === 0 || start < 0 ? tensor.shape[axis]! : start + 1));
  const middle = slice(
    tensor,
    starts.map((start) => Math.max(0, start)),
    ends,
  );
  const loss = sum(mul(middle, input("signs", middle.shape)));
  const program = compile({ gradient: gradients(loss, [picture])[0]! }, { values });
  const random = randomStream(seed, "effective field", 0, 0);
  const signs = Float32Array.from({ length: middle.size }, () => (random.integer(0, 2) === 0 ? -1 : 1));
  const results = await runOnce(program, { pictures, signs }, threads === undefined ? {} : { threads });
  const shares = sharesOf(results.gradient as Float32Array, imageSize, layer);
  const pixels = fewestWith(shares, MOST);
  return {
    layer,
    place,
    map,
    shares,
    pixels,
    side: Math.sqrt(pixels),
    gaussian: gaussianOf(shares, imageSize),
  };
}

/** The last result of a layer that has places. */
function resultOf(backbone: Backbone, scope: Scope, picture: Tensor, wanted: string | undefined) {
  const built = backbone.build(scope, picture);
  const outputs = [built.features, built.map, built.tokens].filter((tensor) => tensor !== undefined);
  const fields = receptiveFields(outputs, picture);
  const labels = new Set(fields.map(({ tensor }) => tensor.node.label).filter((label) => label !== ""));
  const isOf = (label: string) => wanted === undefined || label === wanted || isIn(label, wanted);
  if (![...labels].some(isOf)) throw noLayer(wanted!, labels);
  const own = fields.filter(({ tensor }) => isOf(tensor.node.label) && isMap(tensor));
  const last = own.at(-1)?.tensor;
  if (last === undefined) {
    throw new AfterimageError("usage/value", {
      what: "the result of this layer has no places, of which one could be measured",
      where: wanted ?? backbone.name,
      expected: "a layer with a map [B, C, H, W], or tokens [B, T, D] of square pictures",
    });
  }
  return { tensor: last, layer: wanted ?? last.node.label };
}

function noLayer(wanted: string, labels: ReadonlySet<string>): AfterimageError {
  return new AfterimageError("usage/value", {
    what: "there is no such layer",
    expected: `one of ${[...labels].join(", ")}, or the beginning of its path`,
    got: wanted,
  });
}

function isMap({ rank, shape, dtype }: Tensor): boolean {
  return (
    dtype === "float32" &&
    (rank === 4 ? shape[2]! * shape[3]! > 1 : rank === 3 && tokensOf(shape[1]!) !== null)
  );
}

/** The side of the grid of patches among T tokens, which class and other tokens go before. */
function tokensOf(count: number): number | null {
  const side = Math.floor(Math.sqrt(count));
  return side > 1 && count - side ** 2 <= 8 ? side : null;
}

/** The middle place: where it starts on each axis, -1 for axes that are taken whole. */
function middleOf({ shape }: Tensor) {
  const [, second, rows, columns] = shape;
  if (shape.length === 4) {
    const place = [Math.floor(rows! / 2), Math.floor(columns! / 2)] as const;
    return { starts: [-1, -1, ...place], place, map: [rows!, columns!] as const };
  }
  const side = tokensOf(second!)!;
  const place = [Math.floor(side / 2), Math.floor(side / 2)] as const;
  const token = second! - side ** 2 + place[0] * side + place[1];
  return { starts: [-1, token, -1], place, map: [side, side] as const };
}

/** `[n, 3, S, S]` to shares of the magnitude, `[S, S]`. */
function sharesOf(gradient: Float32Array, side: number, layer: string): Float32Array {
  const sums = new Float64Array(side * side);
  for (const [at, slope] of gradient.entries()) sums[at % sums.length]! += Math.abs(slope);
  const total = sums.reduce((sum, value) => sum + value, 0);
  if (total > 0 && Number.isFinite(total)) return Float32Array.from(sums, (value) => value / total);
  throw new AfterimageError("evaluate/not-finite", {
    what: "the gradient of this layer by the pixels is no field",
    where: layer,
    expected: "numbers, of which some are not 0",
    got: `a sum of ${total}`,
  });
}

/** The fewest values that add up to a share of all. */
function fewestWith(shares: Float32Array, share: number): number {
  const ordered = shares.toSorted().reverse();
  let sum = 0;
  const at = ordered.findIndex((value) => {
    sum += value;
    return sum >= share;
  });
  return at < 0 ? shares.length : at + 1;
}

function gaussianOf(shares: Float32Array, side: number): EffectiveField["gaussian"] {
  const moment = (of: (row: number, column: number) => number) =>
    shares.reduce((sum, share, at) => sum + share * of(Math.floor(at / side) + 0.5, (at % side) + 0.5), 0);
  const mean = [moment((row) => row), moment((_, column) => column)] as const;
  const deviation = [
    Math.sqrt(moment((row) => (row - mean[0]) ** 2)),
    Math.sqrt(moment((_, column) => (column - mean[1]) ** 2)),
  ] as const;
  return { mean, deviation };
}
