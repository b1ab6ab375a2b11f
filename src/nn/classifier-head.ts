/** The classifier: from features to the outputs that are compared with labels. */
import { relu, type Tensor } from "../tensor/index.ts";
import { dropout } from "./dropout.ts";
import { zeros } from "./initializers.ts";
import { linear } from "./layers.ts";
import { type ProjectionHeadOptions, projectionHead } from "./projection-head.ts";
import type { Scope } from "./scope.ts";

export interface ClassifierHeadOptions {
  /** K, the number of outputs. */
  outputs: number;
  /** The first layers of a projection head, which stay between encoder and classifier; null for none. */
  keptHead: Pick<ProjectionHeadOptions, "layers" | "width" | "norm"> | null;
  /** Linear layers of the classifier; 0 for none: the result is then what it would see, `[B, D]`. */
  headLayers: number;
  /** Its hidden width; null is that of its input. */
  headWidth: number | null;
  /** Share of its input that is dropped, in [0, 1). */
  dropout: number;
}

/**
 * Features `[B, D]` to logits `[B, K]`. Variables: `head.<i>.…` of the kept layers, as in their projection
 * head, each with its ReLU; `classifier.weight` and `.bias`, or `classifier.<i>.…` if there are several
 * layers. The last layer starts at zero, to start training from equal outputs.
 */
export function classifierHead(scope: Scope, features: Tensor, options: ClassifierHeadOptions): Tensor {
  const { keptHead, headLayers, outputs } = options;
  const kept = keptHead === null ? features : keptLayers(scope.at("head"), features, keptHead);
  if (headLayers === 0) return kept;
  const at = scope.at("classifier");
  const width = options.headWidth ?? kept.shape.at(-1) ?? 1;
  let y = dropout(at, kept, options.dropout);
  for (let layer = 0; layer < headLayers - 1; layer++) y = relu(linear(at.at(layer), y, { out: width }));
  const last = headLayers === 1 ? at : at.at(headLayers - 1);
  return linear(last, y, { out: outputs, weightInit: zeros, biasInit: zeros });
}

/** The middle of SimCLR's head, which begins a layer of its own after every ReLU. */
function keptLayers(
  scope: Scope,
  features: Tensor,
  { layers, width, norm = true }: Pick<ProjectionHeadOptions, "layers" | "width" | "norm">,
): Tensor {
  return relu(projectionHead(scope, features, { layers, width, out: width, norm }));
}
