/**
 * Jigsaw (Noroozi, Favaro 2016, arXiv 1603.09246): nine patches of a picture, with gaps between them, come in one of a set
 * of orders, and which one it is has to be told. Settings are those of the paper and of VISSL's `jigsaw_8gpu_resnet.yaml`: cells
 * of a third of the picture, patches of three quarters of a cell, a tower with batch norm; with a random resized crop
 * where that cuts a few pixels off, and at most the paper's 1,000 orders.
 *
 * Patches of small pictures are put together, in the order they come in, to a picture that the encoder sees whole (JiGen:
 * Carlucci et al. 2019, arXiv 1903.06864): alone they would be smaller than what the last stage's filters look at.
 */
import { z } from "zod";
import { cropAndFlipView } from "../augment/view-sets.ts";
import { AfterimageError } from "../errors.ts";
import { softmaxCrossEntropyWithAccuracy } from "../losses/softmax-cross-entropy.ts";
import { cutPatches } from "../nn/cut-patches.ts";
import { batchNorm, linear } from "../nn/layers.ts";
import { pixelShuffle } from "../nn/pixel-shuffle.ts";
import type { Scope } from "../nn/scope.ts";
import { linearScaling } from "../optim/schedule.ts";
import { cast, relu, reshape, sliceAxis, type Tensor, transpose } from "../tensor/index.ts";
import { distantPermutations } from "./distant-permutations.ts";
import type { Draw } from "./draw.ts";
import { bySize } from "./largeness.ts";
import type { Method, Situation } from "./method.ts";
import { trainingByLength } from "./short-runs.ts";

const SIDE = 3;
const CELLS = SIDE * SIDE;

/** Patches of fewer pixels are put together again: they are less than one place of a ResNet's last map, whose stride is 32. */
const ALONE_FROM = 32;

const settings = z.strictObject({
  permutations: z.int().min(2).max(1000).describe("number of orders, chosen to differ in many places"),
  patchSize: z
    .int()
    .positive()
    .describe("height and width of a patch, in pixels; its place in its cell is random"),
  assemble: z
    .boolean()
    .describe("whether the encoder sees the shuffled patches as one picture, not one by one"),
  towerWidth: z.int().positive().describe("width of the layer between the encoder and the last layer"),
  normalizePatches: z
    .boolean()
    .describe("whether each patch is normalised to mean 0 and deviation 1, so that brightness gives no hint"),
  greyscale: z.number().min(0).max(1).describe("probability that the picture becomes grey"),
  cropScale: z
    .tuple([z.number().positive(), z.number().max(1)])
    .describe("area of the crop, as a share of the picture"),
});
export type JigsawSettings = z.infer<typeof settings>;

export const jigsaw: Method<JigsawSettings> = {
  name: "jigsaw",
  title: "Jigsaw",
  paper: {
    title: "Unsupervised Learning of Visual Representations by Solving Jigsaw Puzzles",
    authors: "Noroozi, Favaro",
    year: 2016,
    arxiv: "1603.09246",
  },
  idea: "the network classifies the order of nine shuffled patches, for which it must know the parts of objects",
  settings,
  backbone: "resnet18",
  defaults(situation) {
    const patchSize = patchSizeFor(situation);
    return {
      permutations: Math.round(bySize(situation.pictures, 100, 1000)),
      patchSize,
      towerWidth: Math.round(bySize(situation.pictures, 128, 1000)),
      normalizePatches: true,
      ...(patchSize < ALONE_FROM
        ? { assemble: true, greyscale: 0.1, cropScale: [0.3, 1] }
        : { assemble: false, greyscale: 0.66, cropScale: [0.6, 1] }),
    };
  },
  training: trainingByLength((_settings, { batchSize, epochs }) => ({
    optimizer: "sgd",
    learningRate: linearScaling(0.1, batchSize),
    finalLearningRate: 0,
    decay: "steps",
    milestones: [30 / 105, 60 / 105, 90 / 105, 100 / 105],
    warmupEpochs: Math.min(5, epochs * 0.05),
    inclusiveWarmup: false,
    weightDecay: 1e-4,
    finalWeightDecay: 1e-4,
    clip: null,
  })),
  views: ({ cropScale, greyscale, patchSize }, situation) => {
    requireRoom(patchSize, situation);
    const view = cropAndFlipView({ size: situation.imageSize, scale: cropScale });
    return [{ name: "picture", views: [{ ...view, greyscale }] }];
  },
  scalars: () => ({}),
  encoder: "student",
  hasTeacher: false,
  gates: [],
  predictive: true,
  couplesBatch: false,
  collapsedLoss: ({ permutations }) => Math.log(permutations),
  advice: {
    "collapsed-features": "Lower the learning rate",
    "loss-at-collapse":
      "Use fewer permutations (24), larger patches or larger pictures, and lower the learning rate",
    "loss-not-falling": "Use fewer permutations, and more pictures or epochs",
  },
  draws: (s, situation) => [puzzle(s, situation)],
  embed({ settings: s, scope, backbone, views, draws, batchSize: b }) {
    const drawn = draws.puzzle!; // [B, 9·2 + 1]
    const corners = reshape(sliceAxis(drawn, 1, 0, 2 * CELLS), [b, CELLS, 2]);
    const patches = cutPatches(views.picture!, corners, s.patchSize, s.normalizePatches); // [9·B, 3, p, p]
    const seen = s.assemble ? pixelShuffle(byPicture(patches, b), s.patchSize) : patches; // [B, 3, 3·p, 3·p], or as they are
    const { features } = backbone.build(scope.at("backbone"), seen);
    const kept = tower(scope.at("head.tower"), features, s.towerWidth); // [B, T] or [9·B, T]
    const whole = reshape(s.assemble ? kept : byPicture(kept, b), [b, -1]); // [B, T] or [B, 9·T]
    const logits = linear(scope.at("head.order"), whole, { out: s.permutations });
    return { logits, order: cast(sliceAxis(drawn, 1, 2 * CELLS, 2 * CELLS + 1), "float32") };
  },
  loss({ logits, order }, { batchSize }) {
    const labels = cast(reshape(order!, [batchSize]), "int32");
    const { loss, accuracy } = softmaxCrossEntropyWithAccuracy(logits as Tensor, labels);
    return { loss, metrics: { accuracy } };
  },
};

/** Of each patch by itself, or of the picture put together: linear, batch norm over all of them, ReLU. */
function tower(scope: Scope, features: Tensor, out: number): Tensor {
  return relu(batchNorm(scope.at("norm"), linear(scope.at("linear"), features, { out, bias: false })));
}

/** What there is of each patch, `[9·B, …]`, the first patches of all pictures first, to `[B, 9, n]`, n numbers a patch. */
function byPicture(x: Tensor, pictures: number): Tensor {
  return transpose(reshape(x, [CELLS, pictures, -1]), [1, 0, 2]);
}

/** The upper left corners `(y, x)` of the nine patches in the order they are shown in, and which order that is. */
function puzzle({ permutations, patchSize }: JigsawSettings, { imageSize }: Situation): Draw {
  const cell = Math.floor(imageSize / SIDE);
  return {
    name: "puzzle",
    stage: "embed",
    per: "picture",
    dtype: "int32",
    shape: (pictures) => [pictures, 2 * CELLS + 1],
    fill(out, random) {
      const orders = distantPermutations(CELLS, permutations);
      const chosen = random.integer(0, permutations);
      for (const [place, from] of orders[chosen]!.entries()) {
        out[2 * place] = Math.floor(from / SIDE) * cell + random.integer(0, cell - patchSize + 1);
        out[2 * place + 1] = (from % SIDE) * cell + random.integer(0, cell - patchSize + 1);
      }
      out[2 * CELLS] = chosen;
    },
  };
}

/** Three quarters of a cell, as 64 of 85 pixels, in whole patches of a vision transformer, with a gap beside it if one is left so. */
function patchSizeFor({ imageSize, multipleOf }: Situation): number {
  const cell = Math.floor(imageSize / SIDE);
  const units = Math.min(Math.round((cell * 64) / 85 / multipleOf), Math.floor((cell - 1) / multipleOf));
  return Math.max(1, units) * multipleOf;
}

function requireRoom(patchSize: number, { imageSize, multipleOf }: Situation): void {
  const cell = Math.floor(imageSize / SIDE);
  if (patchSize <= cell && patchSize % multipleOf === 0) return;
  throw new AfterimageError("method/settings", {
    what: "patches do not fit into a third of the picture",
    where: "--set patchSize",
    expected: `at most ${cell} pixels${multipleOf > 1 ? `, a multiple of ${multipleOf}` : ""}`,
    got: `${patchSize}`,
    todo: "Choose another patchSize, a larger --image-size or a smaller --patch.",
  });
}
