/**
 * I-JEPA (Assran, Duval, Misra, Bojanowski, Vincent, Rabbat, LeCun, Ballas 2023, arXiv 2301.08243): from one part of a picture
 * a narrow predictor foretells the features of other parts, as a moving average of the encoder sees them in the whole picture.
 * Settings are those of facebookresearch/ijepa `configs/in1k_vith14_ep300.yaml`; the predictor's width follows the encoder's, its
 * depth is the default of `src/helper.py`, 6, where that file has 12 for a ViT-H. The warm-up begins at 0, there at a fifth of
 * the peak. Weights begin as there: `fix_init_weight`, which shrinks layers by depth, has no effect in the authors' code,
 * since `init_model` draws every linear layer anew.
 */
import { z } from "zod";
import { ijepaViews } from "../augment/view-sets.ts";
import { ijepaLoss } from "../losses/ijepa.ts";
import { ijepaPredictor } from "../nn/ijepa-predictor.ts";
import { narrowTransformer } from "../nn/narrow-transformer.ts";
import { pickTokens } from "../nn/pick-tokens.ts";
import { constantSchedule, linearScaling, warmup } from "../optim/schedule.ts";
import { concat, split, stopGradient, type Tensor } from "../tensor/index.ts";
import { bySize } from "./largeness.ts";
import type { Method } from "./method.ts";
import { blockDrawSize, planBlocks, writeBlocks } from "./multi-block.ts";
import { gridSide } from "./patch-grid.ts";
import { settingsByLength, shortMomentum, trainingByLength } from "./short-runs.ts";

const share = z.number().positive().max(1);
const settings = z.strictObject({
  targets: z.int().positive().describe("blocks of a picture to predict"),
  targetScale: z.tuple([share, share]).describe("area of a block, as a share of the picture"),
  targetAspect: z
    .tuple([z.number().positive(), z.number().positive()])
    .describe("height of a block divided by its width"),
  contextScale: z
    .tuple([share, share])
    .describe("area of the square that contains the context, as a share of the picture"),
  contextShare: share.describe("patches of the context, as a share of the picture's"),
  predictorWidth: z
    .int()
    .positive()
    .multipleOf(4)
    .nullable()
    .describe("width of the predictor's tokens; null is half of the encoder's"),
  predictorDepth: z.int().positive().describe("blocks of the predictor"),
  predictorHeads: z
    .int()
    .positive()
    .nullable()
    .describe("attention heads of the predictor; null is one for each 32 of its width"),
  targetMomentum: z
    .number()
    .min(0)
    .max(1)
    .describe("momentum of the target at the start; rises to 1 linearly"),
  cropScale: z
    .tuple([z.number().positive(), z.number().max(1)])
    .describe("area of the crop, as a share of the picture"),
});
export type IjepaSettings = z.infer<typeof settings>;

export const ijepa: Method<IjepaSettings> = {
  name: "i-jepa",
  title: "I-JEPA",
  paper: {
    title: "Self-Supervised Learning from Images with a Joint-Embedding Predictive Architecture",
    authors: "Assran, Duval, Misra, Bojanowski, Vincent, Rabbat, LeCun, Ballas",
    year: 2023,
    arxiv: "2301.08243",
  },
  idea: "from one part of a picture, the network predicts the features of other parts, not their pixels",
  settings,
  backbone: "vit_tiny",
  family: "vit",
  backboneOptions: { positions: "sincos", dropPath: 0, classToken: false },
  defaults: settingsByLength(
    ({ pictures }) => ({
      targets: 4,
      targetScale: [0.15, 0.2],
      targetAspect: [0.75, 1.5],
      contextScale: [0.85, 1],
      contextShare: 0.3,
      predictorWidth: null,
      predictorDepth: 6,
      predictorHeads: null,
      targetMomentum: bySize(pictures, 0.99, 0.996),
      cropScale: [0.3, 1],
    }),
    // What is judged is the moving average: it has to come along. A predictor of two blocks leaves the time to the encoder.
    (situation) => ({ targetMomentum: shortMomentum(situation, 0.9), predictorDepth: 2 }),
  ),
  training: trainingByLength((_settings, { batchSize, epochs, pictures }) => ({
    optimizer: "adamw",
    learningRate: linearScaling(bySize(pictures, 1e-3, 1.25e-4), batchSize),
    finalLearningRate: 1e-6,
    warmupEpochs: Math.min(40, epochs * 0.13),
    inclusiveWarmup: false,
    weightDecay: 0.04,
    finalWeightDecay: 0.4,
    clip: null,
  })),
  views(s, situation) {
    planBlocks({ ...s, side: gridSide(situation) }); // refuses what no picture can be cut into
    return [{ name: "picture", views: ijepaViews({ size: situation.imageSize, scale: s.cropScale }) }];
  },
  scalars: ({ targetMomentum }, { steps }) => ({
    teacher_momentum: warmup({ start: targetMomentum, steps, after: constantSchedule(1) }),
  }),
  draws(s, situation) {
    const plan = planBlocks({ ...s, side: gridSide(situation) });
    return [
      {
        name: "blocks",
        stage: "embed",
        per: "picture",
        dtype: "int32",
        shape: (pictures) => [pictures, blockDrawSize(plan)],
        fill: (out, random) => writeBlocks(out, random, plan),
      },
    ];
  },
  encoder: "teacher",
  hasTeacher: true,
  gates: [],
  couplesBatch: false,
  collapsedLoss: () => null,
  advice: {
    "collapsed-features":
      "Raise targetMomentum (0.99 to 0.999), lower the learning rate or lengthen its warm-up; make the predictor narrower",
    "loss-at-collapse": "Raise targetMomentum, and lower the learning rate",
    "loss-not-falling":
      "Check that the learning rate is neither close to 0 nor so high that the loss jumps; train for longer, because the target changes slowly",
  },
  embed({ settings: s, scope, teacher, backbone, views, draws }) {
    const pictures = views.picture!;
    const side = pictures.shape[2]! / backbone.multipleOf;
    const { targets, targetPatches, contextPatches } = planBlocks({ ...s, side });
    const sizes = [contextPatches, ...new Array<number>(targets).fill(targetPatches)];
    const [places, ...blocks] = split(draws.blocks!, 1, sizes) as [Tensor, ...Tensor[]];
    const { patches: context } = backbone.build(scope.at("backbone"), pictures, { visible: places });
    const inputs = { context: context!, places, targets: blocks, side };
    const narrow = { of: backbone.features, share: 1 / 2, width: s.predictorWidth, heads: s.predictorHeads };
    const predictor = { ...narrowTransformer(narrow), depth: s.predictorDepth };
    const { patches: whole } = backbone.build(teacher!.at("backbone"), pictures);
    return {
      predicted: ijepaPredictor(scope.at("predictor"), inputs, predictor), // [K·B, M, D]
      target: stopGradient(concat(blocks.map((block) => pickTokens(whole!, block)))),
    };
  },
  loss: ({ predicted, target }) => ({ loss: ijepaLoss(predicted!, target!), metrics: {} }),
};
