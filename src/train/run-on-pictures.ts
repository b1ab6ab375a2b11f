/** A network in evaluation mode on the pictures of a data set, in batches. */
import { evaluationBox, evaluationView } from "../augment/evaluation-view.ts";
import { OWN_PREPROCESSING, type Preprocessing } from "../augment/preprocessing.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import type { Matrix } from "../formats/matrix.ts";
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import { type Dialect, dialectOf } from "../runtime/dialect.ts";
import { createSession, type SessionOptions } from "../runtime/session.ts";
import { compile, input, type Program, type Tensor } from "../tensor/index.ts";
import type { Values } from "./values.ts";

/**
 * A network as a function, from views `[B, 3, S, S]` to outputs `[B, D]` by name. The scope is the root of
 * its weights' paths.
 */
export type PictureNetwork = (scope: Scope, view: Tensor) => Readonly<Record<string, Tensor>>;

export interface PictureProgramOptions {
  name: string;
  network: PictureNetwork;
  imageSize: number;
  canvas: number;
  batchSize: number;
  dialect: Dialect;
  /** Default: that of encoders which were trained here. */
  preprocessing?: Preprocessing;
}

/** Canvases `[B, 3, S, S]` and boxes `[B, 4]` to the network's outputs. Weights are inputs by their paths. */
export function pictureProgram(options: PictureProgramOptions): Program {
  const { name, network, imageSize, canvas, batchSize, dialect } = options;
  const { interpolation, normalize } = options.preprocessing ?? OWN_PREPROCESSING;
  const pictures = input("pictures", [batchSize, 3, canvas, canvas], "uint8");
  const boxes = input("boxes", [batchSize, 4]);
  const view = evaluationView(pictures, boxes, { size: imageSize, interpolation, normalize });
  const scope = new Scope(new Variables(), "", { training: false, trainable: false });
  return compile(network(scope, view), { name, ...dialect });
}

export interface RunOnPicturesOptions extends SessionOptions {
  name: string;
  network: PictureNetwork;
  /** The network's weights by path. */
  values: Values;
  imageSize: number;
  /** Default: that of encoders which were trained here. */
  preprocessing?: Preprocessing;
  /** Default 64. */
  batchSize?: number;
  onProgress?: (done: number, total: number) => void;
}

/** The network's outputs for the pictures at `rows`, `[N, D]` each, in order. */
export async function runOnPictures(
  dataset: PictureDataset,
  options: RunOnPicturesOptions,
  rows: readonly number[],
): Promise<Record<string, Matrix>> {
  const batchSize = Math.max(1, Math.min(options.batchSize ?? 64, rows.length));
  const { canvas } = dataset;
  const { cropShare } = options.preprocessing ?? OWN_PREPROCESSING;
  const dialect = await dialectOf(options);
  const program = pictureProgram({ ...options, canvas, batchSize, dialect });
  const session = await createSession(program, options);
  const outputs = program.outputs.map(({ name, shape }) => {
    const cols = shape[1]!;
    return [name, { rows: rows.length, cols, data: new Float32Array(rows.length * cols) }] as const;
  });
  const pictures = new Uint8Array(batchSize * 3 * canvas * canvas);
  try {
    for (let start = 0; start < rows.length; start += batchSize) {
      const wanted = rows.slice(start, start + batchSize);
      // The last batch is filled up with its first picture: sizes in a graph are fixed.
      const filled = [...wanted, ...new Array<number>(batchSize - wanted.length).fill(wanted[0]!)];
      await dataset.readBatch(filled, pictures);
      const boxes = Float32Array.from(
        filled.flatMap((i) => evaluationBox(dataset.heights[i]!, dataset.widths[i]!, cropShare)),
      );
      const results = await session.run({ pictures, boxes, ...Object.fromEntries(options.values) });
      for (const [name, { cols, data }] of outputs)
        data.set((results[name] as Float32Array).subarray(0, wanted.length * cols), start * cols);
      options.onProgress?.(start + wanted.length, rows.length);
    }
  } finally {
    await session.release();
  }
  return Object.fromEntries(outputs);
}

/** The given places of a data set, or all of them. */
export function placesOf(dataset: PictureDataset, indices?: ArrayLike<number>): readonly number[] {
  return indices === undefined ? Array.from({ length: dataset.size }, (_, i) => i) : Array.from(indices);
}
