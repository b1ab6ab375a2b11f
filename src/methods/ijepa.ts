/**
 * I-JEPA (Assran, Duval, Misra, Bojanowski, Vincent, Rabbat, LeCun, Ballas 2023, arXiv 2301.08243): a narrow
 * predictor sees one part of a picture and predicts the features of other parts. A moving average of the
 * encoder computes these features from the whole picture. Initial weights are those of the authors' code. Its
 * `fix_init_weight`, which shrinks layers by depth, has no effect, because `init_model` draws every linear
 * layer again.
 */
import { ijepaViews } from "../augment/view-sets.ts";
import { ijepaLoss } from "../losses/ijepa.ts";
import { ijepaPredictor } from "../nn/ijepa-predictor.ts";
import { narrowTransformer } from "../nn/narrow-transformer.ts";
import { pickTokens } from "../nn/pick-tokens.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import { constantSchedule, warmup } from "../optim/schedule.ts";
import { concat, split, stopGradient, type Tensor } from "../tensor/index.ts";
import { blocksDraw, planBlocks } from "./parts/multi-block.ts";
import { gridSide } from "./parts/patch-grid.ts";
import { type IjepaSettings, ijepaRecipe, ijepaSettings } from "./recipes/ijepa.ts";

export const ijepa: CatalogueMethod<IjepaSettings> = {
  name: "i-jepa",
  title: "I-JEPA",
  paper: {
    title: "Self-Supervised Learning from Images with a Joint-Embedding Predictive Architecture",
    authors: "Assran, Duval, Misra, Bojanowski, Vincent, Rabbat, LeCun, Ballas",
    year: 2023,
    arxiv: "2301.08243",
  },
  idea: "from one part of a picture, the network predicts the features of other parts, not their pixels",
  settings: ijepaSettings,
  ...ijepaRecipe,
  backbone: "vit_tiny",
  family: "vit",
  backboneOptions: { positions: "sincos", dropPath: 0, classToken: false },
  encoder: "teacher",
  collapsedLoss: () => null,
  advice: {
    "collapsed-features":
      "Raise targetMomentum (0.99 to 0.999), lower the learning rate or lengthen its warm-up; make the predictor narrower",
    "loss-at-collapse": "Raise targetMomentum, and lower the learning rate",
    "loss-not-falling":
      "Check that the learning rate is neither close to 0 nor so high that the loss jumps; train for longer, because the target changes slowly",
  },
  objective(settings, situation) {
    const side = gridSide(situation);
    const plan = planBlocks({ ...settings, side });
    const { predictorWidth: width, predictorHeads: heads, predictorDepth: depth } = settings;
    return {
      views: [
        { name: "picture", views: ijepaViews({ size: situation.imageSize, scale: settings.cropScale }) },
      ],
      draws: [blocksDraw(plan)],
      teacher: {
        momentum: ({ steps }) =>
          warmup({ start: settings.targetMomentum, steps, after: constantSchedule(1) }),
      },
      couplesBatch: false,
      embed({ scope, teacher, backbone, views, draws }) {
        const sizes = [plan.contextPatches, ...new Array<number>(plan.targets).fill(plan.targetPatches)];
        const [places, ...targets] = split(draws.blocks!, 1, sizes) as [Tensor, ...Tensor[]];
        const seen = backbone.build(scope.at("backbone"), views.picture!, { visible: places });
        const narrow = narrowTransformer({ of: backbone.features, share: 1 / 2, width, heads });
        const { patches: whole } = backbone.build(teacher!.at("backbone"), views.picture!);
        const inputs = { context: seen.patches!, places, targets, side };
        return {
          predicted: ijepaPredictor(scope.at("predictor"), inputs, { ...narrow, depth }), // [K·B, M, D]
          target: stopGradient(concat(targets.map((block) => pickTokens(whole!, block)))),
        };
      },
      loss: ({ predicted, target }) => ({ loss: ijepaLoss(predicted!, target!) }),
    };
  },
};
