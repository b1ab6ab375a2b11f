/** A network with a head for labels as a self-contained ONNX model. */
import type { Program } from "../tensor/index.ts";
import type { Classifier } from "../transfer/classifier.ts";
import type { LabelTask } from "../transfer/label-task.ts";
import { type OnnxEncoderOptions, onnxNetwork } from "./onnx-encoder.ts";

export interface OnnxClassifierOptions extends Omit<OnnxEncoderOptions, "backbone">, Classifier {
  task: LabelTask;
  /** The temperature that calibrates the probabilities; 1 for none. */
  temperature: number;
}

/**
 * As {@link onnxEncoder}, with a further output `logits` `[batch, K]`. Its metadata say what they mean:
 *
 * - `task`: `classes`, `several` or `numbers`;
 * - `labels`: the names of the K outputs, as a JSON list;
 * - `temperature`: probabilities are softmax(logits / temperature) of classes, and σ(logits / temperature) of
 *   several labels;
 * - of numbers `label_mean` and `label_std`, JSON lists: a number is logit · std + mean.
 *
 * @param options `values` are those of the whole network, by path.
 * @throws AfterimageError `usage/value` for an operator set that graphs cannot be written in.
 */
export function onnxClassifier({
  backbone,
  head,
  task,
  temperature,
  ...rest
}: OnnxClassifierOptions): Program {
  const metadata = { ...rest.metadata, ...taskFacts(task, temperature) };
  return onnxNetwork(backbone.name, { ...rest, metadata }, (scope, pictures) => {
    const { features, tokens } = backbone.build(scope.at("backbone"), pictures);
    const logits = head(scope, features);
    return { features, logits, ...(tokens === undefined ? {} : { last_hidden_state: tokens }) };
  });
}

function taskFacts({ kind, names, scale }: LabelTask, temperature: number): Record<string, string> {
  return {
    task: kind,
    labels: JSON.stringify(names),
    ...(kind !== "numbers" && { temperature: `${temperature}` }),
    ...(scale && { label_mean: JSON.stringify(scale.mean), label_std: JSON.stringify(scale.deviation) }),
  };
}
