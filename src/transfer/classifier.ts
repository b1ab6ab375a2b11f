/** A network with a head for labels: from pictures to logits, and to the features below the head. */
import type { Backbone } from "../backbones/backbone.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import { AfterimageError } from "../errors.ts";
import type { Matrix } from "../formats/matrix.ts";
import type { Scope } from "../nn/scope.ts";
import type { Dialect } from "../runtime/dialect.ts";
import type { SessionOptions } from "../runtime/session.ts";
import type { Program, Tensor } from "../tensor/index.ts";
import { requireFiniteRows } from "../train/encoder.ts";
import { type PictureNetwork, pictureProgram, placesOf, runOnPictures } from "../train/run-on-pictures.ts";
import type { Values } from "../train/values.ts";

export interface Classifier {
  /** The encoder; its weights are at `backbone`. */
  backbone: Backbone;
  /** Features `[B, D]` to logits `[B, K]`; the scope is the root of the weights' paths. */
  head: (scope: Scope, features: Tensor) => Tensor;
}

export interface ClassifierProgramOptions extends Classifier {
  imageSize: number;
  canvas: number;
  batchSize: number;
  dialect: Dialect;
}

/**
 * Canvases `[B, 3, S, S]` and boxes `[B, 4]` to `features` `[B, D]` and `logits` `[B, K]`; the weights are
 * inputs by their paths.
 */
export function classifierProgram({ backbone, head, ...options }: ClassifierProgramOptions): Program {
  return pictureProgram({ ...options, name: "classifier", network: networkOf({ backbone, head }) });
}

function networkOf({ backbone, head }: Classifier): PictureNetwork {
  return (scope, view) => {
    const { features } = backbone.build(scope.at("backbone"), view);
    return { features, logits: head(scope, features) };
  };
}

export interface PredictLogitsOptions extends Classifier, SessionOptions {
  /** All weights by path: `backbone.…` and those of the head. */
  values: Values;
  imageSize: number;
  batchSize?: number;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Logits `[N, K]` and features `[N, D]` of every picture (or of those at `indices`), in order.
 *
 * @throws AfterimageError `evaluate/not-finite` naming the first picture with a number that is not finite.
 */
export async function predictLogits(
  dataset: PictureDataset,
  { backbone, head, ...options }: PredictLogitsOptions,
  indices?: ArrayLike<number>,
): Promise<{ logits: Matrix; features: Matrix }> {
  const rows = placesOf(dataset, indices);
  if (rows.length === 0) throw noPictures();
  const run = { ...options, name: "classifier", network: networkOf({ backbone, head }) };
  const { features, logits } = await runOnPictures(dataset, run, rows);
  requireFiniteRows(dataset, features!, rows);
  requireFiniteRows(dataset, logits!, rows);
  return { features: features!, logits: logits! };
}

function noPictures(): AfterimageError {
  return new AfterimageError("evaluate/shape", {
    what: "there is nothing to predict",
    expected: "at least one picture",
    got: "none",
  });
}
