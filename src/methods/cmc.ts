/**
 * Contrastive multiview coding (Tian, Krishnan, Isola 2019, arXiv 1906.05849): the colours of a picture are told from those of
 * others by how light its pixels are, and the other way round, each by an encoder of its own. Settings are those of
 * HobbitLong/CMC, `train_CMC.py`, but for small data sets, where the batch takes the place of the bank.
 */
import { z } from "zod";
import { COLOUR_SPACES, type ColourSpaceName, channelsOf, toColourSpace } from "../augment/colour-spaces.ts";
import { cmcViews } from "../augment/view-sets.ts";
import { NORMALIZATION } from "../augment/view-spec.ts";
import type { Backbone } from "../backbones/backbone.ts";
import { infoNceWithAccuracy } from "../losses/info-nce.ts";
import { l2Normalize } from "../nn/l2-normalize.ts";
import { projectionHead } from "../nn/projection-head.ts";
import type { Scope } from "../nn/scope.ts";
import { linearScaling } from "../optim/schedule.ts";
import { add, concat, mul, type Tensor } from "../tensor/index.ts";
import { refuseGreyPictures } from "./colourful.ts";
import { bySize } from "./largeness.ts";
import { type Discrimination, discriminate, memoryBank, nextRows } from "./memory-bank.ts";
import type { Embeddings, LossContext, Method } from "./method.ts";
import { settingsByLength, trainingByLength } from "./short-runs.ts";

const settings = z
  .strictObject({
    colours: z.enum(["lab", "ycbcr"]).describe("the colour space whose channels are the views"),
    split: z
      .array(z.string())
      .nullable()
      .describe(
        'channels of each view, such as ["l","a","b"]; null: lightness, and the two channels of colour',
      ),
    graph: z
      .enum(["core", "full"])
      .describe("which views are compared: core, the first with each other one; full, all pairs"),
    loss: z.enum(["bank", "batch"]).describe("where negatives come from: a memory bank, or the batch"),
    temperature: z.number().positive().describe("divides the cosines"),
    negatives: z
      .int()
      .min(0)
      .describe("bank: rows drawn for NCE at each step; 0 uses the whole bank in a softmax"),
    bankMomentum: z
      .number()
      .min(0)
      .lt(1)
      .describe("share of a picture's row that is kept when it is updated"),
    projectionOut: z.int().positive().describe("size of the embeddings and of the bank's rows"),
    cropScale: z
      .tuple([z.number().positive(), z.number().max(1)])
      .describe("area of the crop, as a share of the picture"),
  })
  .superRefine(({ colours, split }, context) => {
    const { channels } = COLOUR_SPACES[colours];
    if (split === null || isSplit(split, channels)) return;
    const message = `two views and more, each of one or more of the channels ${channels.join(", ")}`;
    context.addIssue({ code: "custom", path: ["split"], message });
  });
export type CmcSettings = z.infer<typeof settings>;

/**
 * Pictures up to which the batch is what a view is told from. A bank's row is renewed once an epoch, so that a bank needs many
 * epochs: 1,700 emoji at 16 pixels have a kNN accuracy of 50 % after 20 epochs in the batch, and of 40 % with a bank.
 */
const SMALL = 100_000;

export const cmc: Method<CmcSettings> = {
  name: "cmc",
  title: "CMC",
  paper: {
    title: "Contrastive Multiview Coding",
    authors: "Tian, Krishnan, Isola",
    year: 2019,
    arxiv: "1906.05849",
  },
  idea: "one encoder sees the lightness of a picture, another its colours; embeddings of one picture must match",
  settings,
  backbone: "resnet18",
  defaults: settingsByLength(
    ({ pictures, imageSize }) => ({
      colours: "lab",
      split: null,
      graph: "core",
      loss: pictures <= SMALL ? "batch" : "bank",
      temperature: bySize(pictures, 0.1, 0.07),
      negatives: pictures <= SMALL ? 0 : 16_384,
      bankMomentum: 0.5,
      projectionOut: 128,
      cropScale: [imageSize <= 64 ? 0.2 : 0.08, 1],
    }),
    () => ({ cropScale: [0.5, 1] }),
  ),
  training: trainingByLength((_settings, { batchSize }) => ({
    optimizer: "sgd",
    learningRate: linearScaling(0.06, batchSize),
    finalLearningRate: 0,
    decay: "steps",
    milestones: [1 / 2, 2 / 3, 5 / 6],
    warmupEpochs: 0,
    inclusiveWarmup: false,
    weightDecay: 1e-4,
    finalWeightDecay: 1e-4,
    decayAll: true,
    clip: null,
  })),
  views: ({ cropScale }, { imageSize }) => [
    { name: "picture", views: cmcViews({ size: imageSize, scale: cropScale }) },
  ],
  scalars: () => ({}),
  encoder: "student",
  hasTeacher: false,
  gates: [],
  couplesBatch: true,
  memories: (s) =>
    s.loss === "batch"
      ? []
      : viewsOf(s).map(({ name }) => memoryBank(name, { ...s, width: s.projectionOut })),
  examine: (pictures) => refuseGreyPictures("cmc", pictures),
  encoderOf,
  // Every direction of a comparison has its share. NCE's value there depends on its constants.
  collapsedLoss(s, batchSize, pictures) {
    const directions = 2 * comparisons(s).length;
    if (s.loss === "batch") return directions * Math.log(batchSize);
    return s.negatives === 0 || s.negatives >= pictures ? directions * Math.log(pictures) : null;
  },
  advice: {
    "collapsed-features": "Lower the learning rate; check that the pictures have different colours",
    "loss-at-collapse": "Lower the temperature (0.07 to 0.1), and then the learning rate",
    "loss-not-falling":
      "Train for more epochs, because a bank updates a row once an epoch, or set loss to batch; check that the pictures have colours",
  },
  embed({ settings: s, scope, backbone, views }) {
    const seen = splitPictures(views.picture!, s);
    const embedded = Object.entries(seen).map(([name, view]) => {
      const { features } = backbone.build(scope.at("backbone").at(name), view);
      const width = features.shape[1]!;
      const out = projectionHead(scope.at("head").at(name), features, {
        ...{ layers: 1, width, out: s.projectionOut, norm: false },
      });
      return [name, l2Normalize(out)]; // [B, D]
    });
    return Object.fromEntries(embedded);
  },
  loss(embeddings, context) {
    const { settings: s, memories } = context;
    const compared = comparisons(s).flatMap(([one, other]) => [
      compare(one, other, embeddings, context),
      compare(other, one, embeddings, context),
    ]);
    const accuracies = compared.map(({ accuracy }) => accuracy).reduce((sum, value) => add(sum, value));
    const written = Object.entries(memories).map(([name, { own }]) => [
      name,
      nextRows(own!, embeddings[name]!, s.bankMomentum),
    ]);
    return {
      loss: compared.map(({ loss }) => loss).reduce((sum, value) => add(sum, value)),
      metrics: { accuracy: mul(accuracies, 1 / compared.length) },
      writes: Object.fromEntries(written),
    };
  },
};

/** The embedding of one view is told which of the other view's is of its picture. */
function compare(
  anchor: string,
  other: string,
  embeddings: Embeddings,
  { settings: s, scope, memories }: LossContext<CmcSettings>,
): Discrimination {
  const { temperature } = s;
  if (s.loss === "batch")
    return infoNceWithAccuracy(embeddings[anchor]!, embeddings[other]!, { temperature });
  const constants = scope.at("loss").at(anchor).at(other);
  return discriminate(embeddings[anchor]!, memories[other]!, { temperature, scope: constants });
}

/** Which views are compared, by name (section 3.3: the core view, which is the first, or the full graph). */
function comparisons(s: CmcSettings): [string, string][] {
  const names = viewsOf(s).map(({ name }) => name);
  const pairs = names.flatMap((one, i) => names.slice(i + 1).map((other): [string, string] => [one, other]));
  return s.graph === "full" ? pairs : pairs.filter(([one]) => one === names[0]);
}

/** The features of all encoders, one after another, from pictures normalised as ever. */
function encoderOf(backbone: Backbone, s: CmcSettings): Backbone {
  return {
    ...backbone,
    features: backbone.features * viewsOf(s).length,
    build(scope: Scope, pictures: Tensor) {
      const seen = Object.entries(splitPictures(pictures, s));
      const built = seen.map(([name, view]) => backbone.build(scope.at(name), view).features);
      return { features: concat(built, 1) };
    },
  };
}

/** The views of pictures `[B, 3, H, W]`, by name: the channels of each, normalised. */
function splitPictures(pictures: Tensor, s: CmcSettings): Record<string, Tensor> {
  const channels = toColourSpace(pictures, COLOUR_SPACES[s.colours], NORMALIZATION);
  return Object.fromEntries(viewsOf(s).map(({ name, indices }) => [name, channelsOf(channels, indices)]));
}

interface ColourView {
  /** Its channels' names in a row: `ab`. */
  name: string;
  indices: number[];
}

function viewsOf({ colours, split }: { colours: ColourSpaceName; split: string[] | null }): ColourView[] {
  const { channels } = COLOUR_SPACES[colours];
  const names = split ?? [channels[0], channels[1] + channels[2]];
  return names.map((name) => ({ name, indices: indicesOf(name, channels) ?? [] }));
}

function isSplit(split: readonly string[], channels: readonly string[]): boolean {
  const seen = split.map((name) => indicesOf(name, channels)?.sort().join());
  const apart = new Set(seen).size === split.length; // "ab" and "ba" see the same
  return split.length >= 2 && apart && seen.every((indices) => indices !== undefined);
}

/** Which channels a name is made of; null where it is not made of them, or of one of them twice. */
function indicesOf(name: string, channels: readonly string[]): number[] | null {
  const indices: number[] = [];
  for (let rest = name; rest !== ""; ) {
    const index = channels.findIndex((channel) => rest.startsWith(channel));
    if (index < 0 || indices.includes(index)) return null;
    indices.push(index);
    rest = rest.slice(channels[index]!.length);
  }
  return indices.length === 0 ? null : indices;
}
