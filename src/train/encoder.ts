/** The encoder without the rest of the network: from pictures to features in evaluation mode. */
import { evaluationBox, evaluationView } from "../augment/evaluation-view.ts";
import { OWN_PREPROCESSING, type Preprocessing } from "../augment/preprocessing.ts";
import type { Backbone } from "../backbones/backbone.ts";
import { firstNotFinite } from "../data/first-not-finite.ts";
import type { PictureDataset } from "../data/picture-dataset.ts";
import { AfterimageError } from "../errors.ts";
import type { Matrix } from "../formats/matrix.ts";
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import { type Dialect, dialectOf } from "../runtime/dialect.ts";
import { createSession, type SessionOptions } from "../runtime/session.ts";
import { compile, input, type Program } from "../tensor/index.ts";
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
export function encoderProgram(options: EncoderOptions): Program {
  const { backbone, imageSize, canvas, batchSize, dialect, preprocessing = OWN_PREPROCESSING } = options;
  const { interpolation, normalize } = preprocessing;
  const pictures = input("pictures", [batchSize, 3, canvas, canvas], "uint8");
  const boxes = input("boxes", [batchSize, 4]);
  const view = evaluationView(pictures, boxes, { size: imageSize, interpolation, normalize });
  const scope = new Scope(new Variables(), "", { training: false, trainable: false });
  return compile({ features: backbone.build(scope, view).features }, { name: "encoder", ...dialect });
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
  options: ExtractOptions,
  indices?: ArrayLike<number>,
): Promise<Matrix> {
  const rows =
    indices === undefined ? Array.from({ length: dataset.size }, (_, i) => i) : Array.from(indices);
  const batchSize = Math.max(1, Math.min(options.batchSize ?? 64, rows.length));
  const { canvas } = dataset;
  const { cropShare } = options.preprocessing ?? OWN_PREPROCESSING;
  const dialect = await dialectOf(options);
  const program = encoderProgram({ ...options, canvas, batchSize, dialect });
  const session = await createSession(program, options);
  const cols = options.backbone.features;
  const data = new Float32Array(rows.length * cols);
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
      const { features } = await session.run({ pictures, boxes, ...Object.fromEntries(options.values) });
      data.set((features as Float32Array).subarray(0, wanted.length * cols), start * cols);
      options.onProgress?.(start + wanted.length, rows.length);
    }
  } finally {
    await session.release();
  }
  const at = firstNotFinite(data);
  if (at >= 0) throw diverged(dataset.names[rows[Math.floor(at / cols)]!]!, data[at]!);
  return { rows: rows.length, cols, data };
}

function diverged(picture: string, got: number): AfterimageError {
  return new AfterimageError("evaluate/not-finite", {
    what: "the encoder gives features that are not finite: its training has diverged",
    where: `features of ${picture}`,
    got: `${got}`,
    todo: "Train it again with a lower learning rate, or use an earlier checkpoint.",
  });
}
