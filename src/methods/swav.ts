/**
 * SwAV (Caron, Misra, Mairal, Goyal, Bojanowski, Joulin 2020, arXiv 2006.09882): the crops of a batch are
 * assigned evenly to prototypes, and each crop predicts the assignments of the other crops.
 */
import { swavViews } from "../augment/view-sets.ts";
import { swappedPrediction } from "../losses/swapped-prediction.ts";
import { zeros } from "../nn/initializers.ts";
import { l2Normalize } from "../nn/l2-normalize.ts";
import { projectionHead } from "../nn/projection-head.ts";
import { unitSphere } from "../nn/unit-sphere.ts";
import type { Queue } from "../objectives/memory.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import type { Embeddings, LossContext, LossResult } from "../objectives/objective.ts";
import type { Plan, ScalarSchedule } from "../objectives/situation.ts";
import {
  affine,
  cast,
  concat,
  greater,
  min,
  mul,
  reshape,
  square,
  sum,
  type Tensor,
} from "../tensor/index.ts";
import { byCrop, cropFeatures, cropGroups, GLOBAL_CROPS } from "./parts/multi-crop.ts";
import { openAfter } from "./parts/schedules.ts";
import { type SwavSettings, swavRecipe, swavSettings } from "./recipes/swav.ts";

/** One queue for each global crop, because each crop is assigned separately. */
const QUEUES = ["queue_1", "queue_2"];

export const swav: CatalogueMethod<SwavSettings> = {
  name: "swav",
  title: "SwAV",
  paper: {
    title: "Unsupervised Learning of Visual Features by Contrasting Cluster Assignments",
    authors: "Caron, Misra, Mairal, Goyal, Bojanowski, Joulin",
    year: 2020,
    arxiv: "2006.09882",
  },
  idea: "crops of a picture predict each other's cluster, and each batch fills all clusters equally",
  settings: swavSettings,
  ...swavRecipe,
  backbone: "resnet18",
  collapsedLoss: (s) => Math.log(s.prototypes),
  advice: {
    "collapsed-features":
      "Lower epsilon (0.03), which makes assignments sharper, and the learning rate; check that there are fewer prototypes than pictures",
    "loss-at-collapse":
      "Lower epsilon (0.03), which makes assignments sharper, and use fewer prototypes or a queue with more rows than prototypes",
    "loss-not-falling":
      "Freeze the prototypes for longer and use fewer of them; check that the learning rate is not close to 0",
  },
  objective: (s, { imageSize }) => ({
    views: cropGroups(swavViews({ ...s, globalSize: imageSize, strength: s.colourStrength })),
    memories: s.queue === 0 ? [] : queuesOf(s),
    scalars: (plan) => scalarsOf(s, plan),
    gates: [{ prefix: "prototypes.", gate: "prototype_gate" }],
    constraints: [{ prefix: "prototypes.", project: (rows) => l2Normalize(rows) }],
    embed({ scope, backbone, views }) {
      const projection = projectionHead(scope.at("head"), cropFeatures(scope, backbone, views), {
        ...{ layers: 2, width: s.headWidth, out: s.projectionOut, lastNorm: false },
      });
      return { projection: l2Normalize(projection) }; // [V·B, D], globals first
    },
    loss: (embeddings, context) => lossOf(embeddings, context, s),
  }),
};

function queuesOf({ queue: rows, projectionOut: width }: SwavSettings): Queue[] {
  return QUEUES.map((name) => ({ kind: "queue", name, rows, width, initial: zeros }));
}

function scalarsOf(s: SwavSettings, plan: Plan): Record<string, ScalarSchedule> {
  const { epochs, stepsPerEpoch, batchSize } = plan;
  const full = Math.floor(s.queueStart * epochs) * stepsPerEpoch + Math.ceil(s.queue / batchSize);
  return {
    prototype_gate: openAfter(s.freezePrototypesEpochs, plan),
    ...(s.queue === 0 ? {} : { queue_counts: (step: number) => (step < full ? 0 : 1) }),
  };
}

function lossOf({ projection }: Embeddings, context: LossContext, s: SwavSettings): LossResult {
  const { scope, batchSize: b } = context;
  const shape = [s.prototypes, s.projectionOut];
  const prototypes = scope.at("prototypes").parameter("weight", shape, unitSphere);
  const crops = byCrop(projection!, b);
  const scores = reshape(affine(projection!, prototypes, null), [crops.length, b, s.prototypes]);
  const loss = swappedPrediction({
    ...{ scores: [scores], temperature: s.temperature, epsilon: s.epsilon },
    ...{ iterations: s.sinkhornIterations, assigned: GLOBAL_CROPS },
    ...(s.queue === 0 ? {} : queued(prototypes, context)),
  });
  if (s.queue === 0) return { loss };
  return { loss, writes: Object.fromEntries(QUEUES.map((name, i) => [name, crops[i]!])) };
}

/**
 * Scores of the queued embeddings with the current prototypes, `[2, Q, K]`, and whether they count. They
 * count from the scheduled step on, once all rows have been written. Rows are 0 before that, as in the
 * authors' code.
 */
function queued(prototypes: Tensor, { memories, scalars }: LossContext) {
  const scores = QUEUES.map((name) => {
    const rows = affine(memories[name]!.rows, prototypes, null);
    return reshape(rows, [1, ...rows.shape]);
  });
  const lengths = sum(square(memories[QUEUES[0]!]!.rows), [1]); // both queues fill at once
  const full = cast(greater(min(lengths, [0]), 0), "float32");
  return { queue: concat(scores), queueCounts: mul(scalars.queue_counts!, full) };
}
