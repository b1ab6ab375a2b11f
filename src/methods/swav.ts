/**
 * SwAV (Caron, Misra, Mairal, Goyal, Bojanowski, Joulin 2020, arXiv 2006.09882): the crops of a batch are spread evenly over
 * prototypes, and each crop foretells the prototypes of the others. Settings are those of facebookresearch/swav
 * `main_swav.py`, with the number of prototypes and the queue scaled to the size of the data set.
 */
import { z } from "zod";
import { swavViews } from "../augment/view-sets.ts";
import { swappedPrediction } from "../losses/swapped-prediction.ts";
import { zeros } from "../nn/initializers.ts";
import { l2Normalize } from "../nn/l2-normalize.ts";
import { projectionHead } from "../nn/projection-head.ts";
import { unitSphere } from "../nn/unit-sphere.ts";
import { linearScaling } from "../optim/schedule.ts";
import {
  affine,
  cast,
  concat,
  greater,
  min,
  mul,
  reshape,
  split,
  square,
  sum,
  type Tensor,
} from "../tensor/index.ts";
import { bySize } from "./largeness.ts";
import type { LossContext, Method } from "./method.ts";
import { cropFeatures, cropGroups, GLOBAL_CROPS, localCropsFor, localSizeFor } from "./multi-crop.ts";
import { settingsByLength, trainingByLength } from "./short-runs.ts";

const range = z.tuple([z.number().positive().max(1), z.number().positive().max(1)]);
const settings = z.strictObject({
  prototypes: z.int().min(2).describe("K, number of prototypes"),
  temperature: z.number().positive().describe("softmax temperature of the predictions"),
  epsilon: z.number().positive().describe("temperature of the assignments: lower is sharper"),
  sinkhornIterations: z.int().min(1).describe("rounds of balancing prototypes and crops"),
  queue: z
    .int()
    .min(0)
    .describe("earlier embeddings of each global crop that are assigned with the batch; 0 for none"),
  queueStart: z.number().min(0).max(1).describe("share of the epochs after which the queue starts to fill"),
  freezePrototypesEpochs: z
    .number()
    .min(0)
    .describe("epochs at the start in which the prototypes are frozen"),
  headWidth: z.int().positive().describe("hidden width of the head, which has two layers"),
  projectionOut: z.int().positive().describe("size of embeddings and prototypes"),
  localCrops: z.int().min(0).describe("local crops per picture, which predict and are not assigned"),
  localSize: z.int().positive().describe("height and width of a local crop, in pixels"),
  globalScale: range.describe("area of a global crop, as a share of the picture"),
  localScale: range.describe("area of a local crop, as a share of the picture"),
  colourStrength: z.number().min(0).describe("strength of the colour jitter"),
});
export type SwavSettings = z.infer<typeof settings>;

export const swav: Method<SwavSettings> = {
  name: "swav",
  title: "SwAV",
  paper: {
    title: "Unsupervised Learning of Visual Features by Contrasting Cluster Assignments",
    authors: "Caron, Misra, Mairal, Goyal, Bojanowski, Joulin",
    year: 2020,
    arxiv: "2006.09882",
  },
  idea: "crops of a picture predict each other's cluster, and each batch fills all clusters equally",
  settings,
  backbone: "resnet18",
  defaults: settingsByLength(
    (situation) => {
      const { pictures, imageSize, batchSize } = situation;
      const prototypes = prototypesFor(pictures);
      return {
        prototypes,
        temperature: 0.1,
        epsilon: 0.05,
        sinkhornIterations: 3,
        queue: queueFor(batchSize, prototypes, pictures),
        queueStart: 0.075,
        freezePrototypesEpochs: 1,
        headWidth: bySize(pictures, 0, 1) < 0.5 ? 512 : 2048,
        projectionOut: 128,
        localCrops: localCropsFor(situation, 6),
        localSize: localSizeFor(situation),
        globalScale: [0.14, 1],
        localScale: [0.05, 0.14],
        colourStrength: imageSize <= 64 ? 0.5 : 1,
      };
    },
    ({ batchSize, epochs }) => ({
      // As many as a batch fills by itself: a queue of embeddings that change this fast would divide them by what they were.
      prototypes: Math.min(64, batchSize),
      queue: 0,
      // Sharper guesses than .2 are learned too late: .2 was 3 to 4 points better in the probes after minutes.
      temperature: 0.2,
      globalScale: [0.5, 1],
      freezePrototypesEpochs: Math.min(1, 0.1 * epochs),
    }),
  ),
  // The authors' rates for batches of 256 and of 4,096, which begin with a warm-up.
  training: trainingByLength((_settings, { batchSize, epochs }) => {
    const learningRate = linearScaling(batchSize > 512 ? 0.3 : 0.6, batchSize);
    return {
      optimizer: "larc",
      learningRate,
      finalLearningRate: learningRate / 1000,
      warmupEpochs: batchSize > 512 ? Math.min(10, epochs * 0.1) : 0,
      inclusiveWarmup: true,
      weightDecay: 1e-6,
      finalWeightDecay: 1e-6,
      decayAll: true,
      clip: null,
    };
  }),
  views: ({ colourStrength, ...s }, { imageSize }) =>
    cropGroups(swavViews({ ...s, globalSize: imageSize, strength: colourStrength })),
  scalars: (s, { epochs, stepsPerEpoch, batchSize }) => {
    const full = Math.floor(s.queueStart * epochs) * stepsPerEpoch + Math.ceil(s.queue / batchSize);
    return {
      prototype_gate: (step) => (step < s.freezePrototypesEpochs * stepsPerEpoch ? 0 : 1),
      ...(s.queue === 0 ? {} : { queue_counts: (step: number) => (step < full ? 0 : 1) }),
    };
  },
  encoder: "student",
  hasTeacher: false,
  gates: [{ prefix: "prototypes.", gate: "prototype_gate" }],
  constraints: [{ prefix: "prototypes.", project: (rows) => l2Normalize(rows) }],
  couplesBatch: true,
  memories: (s) =>
    s.queue === 0
      ? []
      : QUEUES.map((name) => ({
          ...{ kind: "queue", name, rows: s.queue, width: s.projectionOut, initial: zeros },
        })),
  collapsedLoss: (s) => Math.log(s.prototypes),
  advice: {
    "collapsed-features":
      "Lower epsilon (0.03), which makes assignments sharper, and the learning rate; check that there are fewer prototypes than pictures",
    "loss-at-collapse":
      "Lower epsilon (0.03), which makes assignments sharper, and use fewer prototypes or a queue with more rows than prototypes",
    "loss-not-falling":
      "Freeze the prototypes for longer and use fewer of them; check that the learning rate is not close to 0",
  },
  embed({ settings: s, scope, backbone, views }) {
    const projection = projectionHead(scope.at("head"), cropFeatures(scope, backbone, views), {
      ...{ layers: 2, width: s.headWidth, out: s.projectionOut, lastNorm: false },
    });
    return { projection: l2Normalize(projection) }; // [V·B, D], globals first
  },
  loss({ projection }, context) {
    const { settings: s, scope, batchSize: b } = context;
    const prototypes = scope
      .at("prototypes")
      .parameter("weight", [s.prototypes, s.projectionOut], unitSphere);
    const crops = split(projection!, 0, new Array<number>(projection!.shape[0]! / b).fill(b));
    const scores = reshape(affine(projection!, prototypes, null), [crops.length, b, s.prototypes]);
    const loss = swappedPrediction({
      ...{ scores: [scores], temperature: s.temperature, epsilon: s.epsilon },
      ...{ iterations: s.sinkhornIterations, assigned: GLOBAL_CROPS },
      ...(s.queue === 0 ? {} : queued(prototypes, context)),
    });
    const writes = Object.fromEntries(QUEUES.map((name, i) => [name, crops[i]!]));
    return { loss, metrics: {}, ...(s.queue === 0 ? {} : { writes }) };
  },
};

/** Embeddings of each global crop by itself, since each is assigned by itself. */
const QUEUES = ["queue_1", "queue_2"];

/**
 * Scores of the queued embeddings with the prototypes as they are now, `[2, Q, K]`, and whether they count yet: from their step
 * on, if all rows have been written by then. Rows are 0 before, as the authors' are.
 */
function queued(prototypes: Tensor, { memories, scalars }: LossContext<SwavSettings>) {
  const scores = QUEUES.map((name) => {
    const rows = affine(memories[name]!.rows, prototypes, null);
    return reshape(rows, [1, ...rows.shape]);
  });
  const lengths = sum(square(memories[QUEUES[0]!]!.rows), [1]); // both queues fill at once
  const full = cast(greater(min(lengths, [0]), 0), "float32");
  return { queue: concat(scores), queueCounts: mul(scalars.queue_counts!, full) };
}

/** A prototype for every twenty pictures, from 32 to the authors' 3,000. */
function prototypesFor(pictures: number): number {
  return Math.min(3000, Math.max(32, Math.round(pictures / 20)));
}

/** None where a batch fills the prototypes by itself; else 15 batches as the authors have, of half of the pictures at most. */
function queueFor(batchSize: number, prototypes: number, pictures: number): number {
  return batchSize >= prototypes ? 0 : Math.min(15 * batchSize, Math.floor(pictures / 2));
}
