/** The encoder as a self-contained ONNX model. */
import { NORMALIZATION, type Normalization } from "../augment/view-spec.ts";
import type { Backbone } from "../backbones/backbone.ts";
import { Scope } from "../nn/scope.ts";
import { Variables } from "../nn/variables.ts";
import { OPSETS } from "../onnx/opsets.ts";
import { PLAIN } from "../runtime/dialect.ts";
import { compile, input, type Program, type Tensor } from "../tensor/index.ts";

/** The size of the open batch axis while the graph is built: a prime that divides no size of a network. */
const OPEN_BATCH = 100_003;

/**
 * The oldest operator set in which encoders can be written. Most runtimes read it, and newer ones add nothing
 * that encoders need.
 */
export const EXPORT_OPSET = OPSETS.oldest;

export interface OnnxEncoderOptions {
  backbone: Backbone;
  /** Weights by bare name. */
  values: ReadonlyMap<string, Float32Array>;
  imageSize: number;
  /** Mean and deviation of the colours, which are written into the model. Default: ImageNet's. */
  normalize?: Normalization;
  /** The version of ONNX's operator set, 17 to 21. Default {@link EXPORT_OPSET}. */
  opset?: number;
  /** Facts written into the model, e.g. the method and its seed. */
  metadata?: Readonly<Record<string, string>>;
}

/**
 * `pixel_values` float32 `[batch, 3, S, S]` (RGB in 0 to 1, normalised by the mean and deviation in the
 * model's metadata) to `features` float32 `[batch, D]`; with a ViT also `last_hidden_state`
 * `[batch, 1 + N, D]`. Standard operators only; the batch axis is open.
 *
 * @throws AfterimageError `usage/value` for an operator set that graphs cannot be written in.
 */
export function onnxEncoder(options: OnnxEncoderOptions): Program {
  const { backbone, ...rest } = options;
  return onnxNetwork(backbone.name, rest, (scope, pictures) => {
    const { features, tokens } = backbone.build(scope, pictures);
    return { features, ...(tokens === undefined ? {} : { last_hidden_state: tokens }) };
  });
}

/** A network from normalised pictures `[batch, 3, S, S]` to outputs, as one model with an open batch axis. */
export function onnxNetwork(
  name: string,
  options: Omit<OnnxEncoderOptions, "backbone">,
  build: (scope: Scope, pictures: Tensor) => Readonly<Record<string, Tensor>>,
): Program {
  const { values, imageSize, opset = EXPORT_OPSET, normalize = NORMALIZATION, metadata = {} } = options;
  const pictures = input("pixel_values", [OPEN_BATCH, 3, imageSize, imageSize]);
  const scope = new Scope(new Variables(), "", { training: false, trainable: false });
  return compile(build(scope, pictures), {
    name,
    ...PLAIN,
    opset,
    symbolic: { size: OPEN_BATCH, name: "batch" },
    values,
    metadata: {
      backbone: name,
      image_size: `${imageSize}`,
      image_mean: normalize.mean.join(","),
      image_std: normalize.std.join(","),
      ...metadata,
    },
  });
}
