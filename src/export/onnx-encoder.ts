/** The encoder as an ONNX model that stands on its own. */
import { NORMALIZATION } from "../augment/view-spec.ts";
import type { Backbone } from "../backbones/backbone.ts";
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import { PLAIN } from "../runtime/dialect.ts";
import { compile, input, type Program } from "../tensor/index.ts";

/** Stands for the open batch axis while the graph is built: a prime that no size of a network is a multiple of. */
const OPEN_BATCH = 100_003;

export interface OnnxEncoderOptions {
  backbone: Backbone;
  /** Weights by bare name. */
  values: ReadonlyMap<string, Float32Array>;
  imageSize: number;
  /** Facts written into the model, e.g. the method and its seed. */
  metadata?: Readonly<Record<string, string>>;
}

/**
 * `pixel_values` float32 `[batch, 3, S, S]` (RGB in 0 to 1, normalised by the mean and deviation in the model's
 * metadata) to `features` float32 `[batch, D]`; with a ViT also `last_hidden_state` `[batch, 1 + N, D]`. Standard
 * operators only; the batch axis is open.
 */
export function onnxEncoder({ backbone, values, imageSize, metadata = {} }: OnnxEncoderOptions): Program {
  const pictures = input("pixel_values", [OPEN_BATCH, 3, imageSize, imageSize]);
  const scope = new Scope(new Variables(), "", { training: false, trainable: false });
  const { features, tokens } = backbone.build(scope, pictures);
  return compile(
    { features, ...(tokens === undefined ? {} : { last_hidden_state: tokens }) },
    {
      name: backbone.name,
      ...PLAIN,
      symbolic: { size: OPEN_BATCH, name: "batch" },
      values,
      metadata: {
        backbone: backbone.name,
        image_size: `${imageSize}`,
        image_mean: NORMALIZATION.mean.join(","),
        image_std: NORMALIZATION.std.join(","),
        ...metadata,
      },
    },
  );
}
