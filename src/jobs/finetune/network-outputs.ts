/** The outputs of a network on data sets: each is computed once, whoever asks for it. */
import type { PictureDataset } from "../../data/picture-dataset.ts";
import type { Matrix } from "../../formats/matrix.ts";
import type { RunConfig } from "../../train/run-config.ts";
import type { Values } from "../../train/values.ts";
import { type Classifier, predictLogits } from "../../transfer/classifier.ts";
import { networkOfRun } from "../../transfer/network-of-run.ts";
import type { Computing } from "./computing.ts";

export interface NetworkOutputs {
  /** `[N, K]`. */
  logits: Matrix;
  /** `[N, D]`, of the encoder. */
  features: Matrix;
}

/** Gives the outputs for the pictures of a data set, in their order. */
export type OutputsOn = (dataset: PictureDataset) => Promise<NetworkOutputs>;

/** @param network with all its values by path. */
export function outputsOf(
  network: Classifier & { values: Values; imageSize: number },
  { threads, onProgress }: Pick<Computing, "threads" | "onProgress">,
): OutputsOn {
  const known = new Map<PictureDataset, Promise<NetworkOutputs>>();
  return (dataset) => {
    const { backbone, head, values, imageSize } = network;
    const found =
      known.get(dataset) ??
      predictLogits(dataset, {
        ...{ backbone, head, values, imageSize, threads },
        onProgress: (done, total) => onProgress({ type: "features", done, total }),
      });
    known.set(dataset, found);
    return found;
  };
}

/** The outputs of the network of a configuration with these values. */
export function outputsOfRun(config: RunConfig, values: Values, computing: Computing): OutputsOn {
  return outputsOf({ ...networkOfRun(config), values, imageSize: config.imageSize }, computing);
}
