/** The baselines for a representation: pixels, the untrained network, and training with labels. */
import { environmentOf, readPixels } from "afterimage";
import { type Matrix, subset } from "afterimage/data";
import { stratifiedSplit } from "afterimage/evaluate";
import type { Values } from "afterimage/train";
import type { Contestant, Outcome, Task } from "./contestant.ts";
import { labelsOf, type PictureSet } from "./picture-set.ts";
import { FAMILY_NAMES, type Family } from "./recipe.ts";
import { supervised } from "./supervised.ts";
import { trainEncoder } from "./train-encoder.ts";
import { UNTRAINED, untrainedFeatures } from "./untrained.ts";

const FAMILIES: readonly Family[] = ["resnet", "vit"];
const FEW_LABELS = 0.01;

export const PIXELS = "pixels";

export const BASELINES: readonly Contestant[] = [
  {
    ...baseline(PIXELS, "raw pixels"),
    seeds: "none",
    run: pixels,
  },
  ...UNTRAINED.map(
    (network): Contestant => ({
      ...baseline(network.name, network.title),
      seeds: "all", // a bar, so its spread counts
      run: async (task) => ({
        ...(await untrainedFeatures(network, task)),
        versions: versionsOf(task.threads),
      }),
    }),
  ),
  ...FAMILIES.flatMap((family): Contestant[] => [
    {
      ...baseline(`supervised-${family}`, `supervised ${FAMILY_NAMES[family]}, all labels`),
      run: (task) => withLabels(family, everyPicture(task.set), task),
    },
    {
      ...baseline(`supervised-1-percent-${family}`, `supervised ${FAMILY_NAMES[family]}, 1 % of the labels`),
      run: (task) => withLabels(family, fewPictures(labelsOf(task.set.train), task.seed), task),
    },
  ]),
];

function baseline(name: string, title: string) {
  return { name, title, group: "baseline", of: null, seeds: "first" } as const;
}

async function pixels({ set, threads }: Task): Promise<Outcome> {
  const side = set.train.canvas;
  return {
    train: await readPixels(set.train, side),
    test: await readPixels(set.test, side),
    copies: await readPixels(set.tasks.copies, side),
    metric: "euclidean",
    family: null,
    settings: { side },
    versions: versionsOf(threads),
    training: null,
    classifier: null,
  };
}

/**
 * @param rows of the set's training pictures. There are as many rows as pictures, so few labelled pictures
 * come often.
 */
async function withLabels(family: Family, rows: ArrayLike<number>, task: Task): Promise<Outcome> {
  const pictures = subset(task.set.train, rows);
  const method = supervised(task.set.classes);
  const { values, ...outcome } = await trainEncoder({ method, family, pictures }, task);
  const labels = new Set(Array.from(rows)).size;
  return {
    ...outcome,
    settings: { ...outcome.settings, labels },
    classifier: classify(outcome.test, values, labelsOf(task.set.test)),
  };
}

function everyPicture({ train }: PictureSet): number[] {
  return Array.from({ length: train.size }, (_, row) => row);
}

/**
 * Rows from a hundredth of the labels: the same share of every class, and at least one. They are repeated to
 * the number of labels.
 */
export function fewPictures(labels: Int32Array, seed: number): number[] {
  const { held } = stratifiedSplit(labels, { share: FEW_LABELS, seed, stream: "quality/few-labels" });
  return Array.from(labels, (_, place) => held[place % held.length]!);
}

/** The accuracy of the classifier that was trained with the backbone. */
function classify({ rows, cols, data }: Matrix, values: Values, labels: Int32Array): number {
  const [weight, bias] = [values.get("head.weight")!, values.get("head.bias")!]; // [K, D], [K]
  let right = 0;
  for (let row = 0; row < rows; row++) {
    const features = data.subarray(row * cols, (row + 1) * cols);
    const logits = Array.from(bias, (start, k) =>
      features.reduce((sum, x, i) => sum + x * weight[k * cols + i]!, start),
    );
    if (logits.indexOf(Math.max(...logits)) === labels[row]) right++;
  }
  return right / rows;
}

function versionsOf(threads: number): Record<string, string> {
  const { afterimage, onnxruntime } = environmentOf({ threads, provider: "cpu" });
  return { afterimage, "onnxruntime-node": onnxruntime };
}
