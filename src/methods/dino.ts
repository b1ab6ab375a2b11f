/**
 * DINO (Caron et al. 2021, arXiv 2104.14294): over many crops, a student learns to match the centred and
 * sharpened output of its own moving average.
 */
import { dinoViews } from "../augment/view-sets.ts";
import { dinoLossWithMetrics, nextCentre } from "../losses/dino.ts";
import { teacherInformation } from "../losses/metrics/teacher-information.ts";
import { type DinoHeadOptions, dinoHead } from "../nn/dino-head.ts";
import { zeros } from "../nn/initializers.ts";
import type { Scope } from "../nn/scope.ts";
import type { CatalogueMethod } from "../objectives/method.ts";
import type { Plan } from "../objectives/situation.ts";
import { split, stopGradient, type Tensor } from "../tensor/index.ts";
import { LEAST_INFORMATION } from "./parts/least-information.ts";
import { byCrop, cropFeatures, cropGroups } from "./parts/multi-crop.ts";
import { openAfter, risingMomentum, risingTemperature } from "./parts/schedules.ts";
import { type DinoSettings, dinoRecipe, dinoSettings } from "./recipes/dino.ts";

export const dino: CatalogueMethod<DinoSettings> = {
  name: "dino",
  title: "DINO",
  paper: {
    title: "Emerging Properties in Self-Supervised Vision Transformers",
    authors: "Caron, Touvron, Misra, Jégou, Mairal, Bojanowski, Joulin",
    year: 2021,
    arxiv: "2104.14294",
  },
  idea: "a student matches its moving average across crops; centring and sharpening prevent collapse",
  settings: dinoSettings,
  ...dinoRecipe,
  backbone: "vit_tiny",
  encoder: "teacher",
  collapsedLoss: ({ outputs }) => Math.log(outputs),
  spread: () => LEAST_INFORMATION,
  advice: {
    "collapsed-features":
      "Lower teacherTemperature, which sharpens the targets, or centreMomentum; lower the learning rate or lengthen its warm-up",
    "loss-at-collapse":
      "Lower teacherTemperature (0.04 or less) and outputs (1,024 for few pictures, 256 or less in short runs), and then the learning rate",
    "loss-not-falling":
      "Lower outputs, of which a small data set needs few, and raise teacherMomentum; check that the learning rate is not close to 0",
  },
  objective: (s, { imageSize }) => ({
    views: cropGroups(dinoViews({ ...s, globalSize: imageSize })),
    teacher: { momentum: risingMomentum(s.teacherMomentum) },
    scalars: (plan) => scalarsOf(s, plan),
    gates: [{ prefix: "head.last_layer", gate: "last_layer_gate" }],
    couplesBatch: false,
    embed({ scope, teacher, backbone, views }) {
      const taught = head(teacher!, cropFeatures(teacher!, backbone, views, ["global"]), s);
      const learned = head(scope, cropFeatures(scope, backbone, views), s);
      return { taught: stopGradient(taught), learned }; // [2B, K] and [V·B, K], globals first
    },
    loss({ taught, learned }, { scope, batchSize: b, scalars }) {
      const state = scope.at("loss");
      const centre = state.state("centre", [s.outputs], zeros);
      const teacherTemperature = scalars.teacher_temperature!;
      const { loss, teacherEntropy, kl } = dinoLossWithMetrics({
        ...{ student: byCrop(learned!, b), teacher: split(taught!, 0, [b, b]), centre },
        ...{ studentTemperature: s.studentTemperature, teacherTemperature },
      });
      state.setState("centre", nextCentre(centre, taught!, s.centreMomentum));
      const information = teacherInformation(split(taught!, 0, [b, b]), centre, teacherTemperature);
      return { loss, metrics: { teacher_entropy: teacherEntropy, teacher_information: information, kl } };
    },
  }),
};

function scalarsOf(s: DinoSettings, plan: Plan) {
  const [from, to, share] = [s.teacherTemperatureStart, s.teacherTemperature, s.teacherTemperatureWarmup];
  return {
    teacher_temperature: risingTemperature({ from, to, share }, plan),
    last_layer_gate: openAfter(s.freezeLastLayerEpochs, plan),
  };
}

function head(root: Scope, x: Tensor, s: DinoSettings): Tensor {
  const options: DinoHeadOptions = {
    layers: s.headLayers,
    width: s.headWidth,
    bottleneck: s.bottleneck,
    out: s.outputs,
    batchNorm: s.headBatchNorm,
    normLastLayer: s.normLastLayer,
  };
  return dinoHead(root.at("head"), x, options);
}
