/** The encoder without the rest of the network: from pictures to features in evaluation mode. */
import type { Preprocessing } from "../augment/preprocessing.ts";
import type { Backbone } from "../backbones/backbone.ts";
import { firstNotFinite } from "../data/first-not-finite.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import { AfterimageError } from "../errors.ts";
import type { Matrix } from "../formats/matrix.ts";
import type { Dialect } from "../runtime/dialect.ts";
import type { SessionOptions } from "../runtime/session.ts";
import type { Program } from "../tensor/index.ts";
import { type PictureNetwork, pictureProgram, placesOf, runOnPictures } from "./run-on-pictures.ts";
import type { Values } from "./values.ts";

export interface EncoderOptions {
  backbone: Backbone;
  imageSize: number;
  canvas: number;
  batchSize: number;
  dialect: Dialect;
  /** Default: that of encoders which were trained here. */
  preprocessing?: Preprocessing;
}

/**
 * Canvases `[B, 3, S, S]` and boxes `[B, 4]` to `features` `[B, D]`; the weights are inputs by their bare
 * names.
 */
export function encoderProgram({ backbone, ...options }: EncoderOptions): Program {
  return pictureProgram({ ...options, name: "encoder", network: networkOf(backbone) });
}

function networkOf(backbone: Backbone): PictureNetwork {
  return (scope, view) => ({ features: backbone.build(scope, view).features });
}

export interface ExtractOptions extends SessionOptions {
  backbone: Backbone;
  /** The encoder's weights by bare name; see {@link encoderValues}. */
  values: Values;
  imageSize: number;
  /** Default: that of encoders which were trained here. */
  preprocessing?: Preprocessing;
  batchSize?: number;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Features of every picture (or of those at `indices`), `[N, D]`, in order.
 *
 * @throws AfterimageError `evaluate/not-finite` naming the first picture whose features are not finite.
 */
export async function extractFeatures(
  dataset: PictureDataset,
  { backbone, ...options }: ExtractOptions,
  indices?: ArrayLike<number>,
): Promise<Matrix> {
  const rows = placesOf(dataset, indices);
  const run = { ...options, name: "encoder", network: networkOf(backbone) };
  const features = (await runOnPictures(dataset, run, rows)).features!;
  requireFiniteRows(dataset, features, rows);
  return features;
}

/**
 * @throws AfterimageError `evaluate/not-finite` naming the first picture with a number that is not finite.
 */
export function requireFiniteRows(
  dataset: PictureDataset,
  { cols, data }: Matrix,
  rows: readonly number[],
): void {
  const at = firstNotFinite(data);
  if (at >= 0) throw diverged(dataset.names[rows[Math.floor(at / cols)]!]!, data[at]!);
}

function diverged(picture: string, got: number): AfterimageError {
  return new AfterimageError("evaluate/not-finite", {
    what: "the encoder gives features that are not finite: its training has diverged",
    where: `features of ${picture}`,
    got: `${got}`,
    todo: "Train it again with a lower learning rate, or use an earlier checkpoint.",
  });
}
