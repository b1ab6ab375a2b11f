/**
 * Every exported function of losses, optimisers, layers and views at the edge of its domain: zeros, equal
 * rows, one row, huge and tiny numbers, NaN. Each gives a number that is right in float32, or throws an
 * AfterimageError. NaN in gives NaN out, and never a number that looks like a result. A new function needs a
 * line here.
 */
import { describe, expect, it } from "vitest";
import { AfterimageError } from "../src/errors.ts";
import * as losses from "../src/losses/index.ts";
import { batchNorm, groupNorm, l2Normalize, layerNorm, Scope, Variables } from "../src/nn/index.ts";
import * as optim from "../src/optim/index.ts";
import { runOnce } from "../src/runtime/session.ts";
import {
  compile,
  constant,
  full,
  gradients,
  input,
  mul,
  reshape,
  sizeOf,
  slice,
  sum,
  type Tensor,
} from "../src/tensor/index.ts";

interface Walk {
  /** Shapes of the inputs, for B rows. */
  shapes(rows: number): readonly (readonly number[])[];
  build(inputs: readonly Tensor[], rows: number): Tensor;
  /** No gradient passes. */
  fixed?: true;
}

const D = 4;
const K = 3;
const pair = (b: number) => [
  [b, D],
  [b, D],
];
const t = { temperature: 0.1 } as const;
const ones = (...shape: number[]) => full(shape, 1);
const numbers = (count: number) =>
  constant(
    Array.from({ length: count }, (_, i) => i % K),
    [count],
    "int64",
  );

const walk = (shapes: Walk["shapes"], build: Walk["build"], options: Pick<Walk, "fixed"> = {}): Walk => ({
  shapes,
  build,
  ...options,
});
const ofPair = (build: (a: Tensor, b: Tensor) => Tensor) => walk(pair, ([a, b]) => build(a!, b!));
const ofRows = (build: (x: Tensor) => Tensor, options = {}) =>
  walk(
    (b) => [[b, D]],
    ([x]) => build(x!),
    options,
  );

const ibot = ([s, g, p, q]: readonly Tensor[], b: number) => ({
  studentClass: [s!],
  teacherClass: [g!],
  studentPatches: p!,
  teacherPatches: q!,
  mask: ones(2 * b, 2),
  classCentre: full([K], 0),
  patchCentre: full([K], 0),
  studentTemperature: 0.1,
  classTemperature: 0.04,
  patchTemperature: 0.04,
});
const ibotShapes = (b: number) => [
  [2, b, K],
  [2, b, K],
  [2 * b, 2, K],
  [2 * b, 2, K],
];
const maskedShapes = (b: number) => [
  [b, 2, K],
  [b, 2, K],
];
const masked = (b: number) => ({ weights: losses.maskWeights(ones(b, 2)) });
const coded = ([x]: readonly Tensor[]) => ({
  targets: x!,
  predictions: [{ ahead: 1, rows: slice(x!, [0, 0, 0], [x!.shape[0]!, 2, D]) }],
  temperature: 0.1,
});
const scored = (b: number) => [[b, b]];
const similarities = ([positives, negatives]: readonly Tensor[]) => ({
  ...{ positives: positives!, negatives: negatives!, temperature: 0.1, bankSize: 10 },
});
const similar = (b: number) => [[b], [b, 5]];
const logits = (b: number) => [
  [b, K],
  [b, K],
];
const pixels = (b: number) => [[b, K, 2, 2]];
const labels = (b: number) => reshape(numbers(4 * b), [b, 2, 2]);
const dinoInputs = ([s, g]: readonly Tensor[]) => ({
  ...{ student: [s!, s!], teacher: [g!], centre: full([K], 0) },
  ...{ studentTemperature: 0.1, teacherTemperature: 0.04 },
});
const target = (b: number) => full([b, K], 1 / K);
const softmaxOf = ([embeddings, bank]: readonly Tensor[], b: number) => ({
  ...{ embeddings: embeddings!, bank: bank!, indices: numbers(b), temperature: 0.1 },
});
const banked = (b: number) => [
  [b, D],
  [5, D],
];
const queued = (b: number) => [
  [b, D],
  [b, D],
  [5, D],
];
const inQueue = ([queries, keys, queue]: readonly Tensor[]) => ({
  ...{ queries: queries!, keys: keys!, queue: queue!, temperature: 0.1 },
});
const twoPairs = (b: number) => [...pair(b), ...pair(b)];
const moco = ([a, b, c, d]: readonly Tensor[]) => ({
  ...{ queries: [a!, b!] as const, keys: [c!, d!] as const, temperature: 0.1 },
});

const LOSSES: Record<Exclude<keyof typeof losses, "relativeDeviation">, Walk> = {
  barlowTwins: ofPair((a, b) => losses.barlowTwins(a, b)),
  barlowTwinsWithParts: ofPair((a, b) => losses.barlowTwinsWithParts(a, b).onDiagonal),
  binaryCrossEntropy: walk(
    (b) => [[b, K]],
    ([x], b) => losses.binaryCrossEntropy(x!, target(b)),
  ),
  byolLoss: ofPair((a, b) => losses.byolLoss([a, b], [b, a])),
  cosineSimilarity: ofPair((a, b) => losses.cosineSimilarity(a, b)),
  crossCropEntropy: walk(
    (b) => [[b, K]],
    ([x], b) => losses.crossCropEntropy({ student: [x!, x!], targets: full([1, b, K], 1 / K), ...t }),
  ),
  crossEntropy: walk(
    (b) => [[b, K]],
    ([x], b) => losses.crossEntropy(x!, numbers(b), { smoothing: 0.1, classWeights: [1, 2, 3] }),
  ),
  denormalizePatches: ofPair((a, b) => losses.denormalizePatches(a, b)),
  diceLoss: walk(pixels, ([x], b) => losses.diceLoss(x!, labels(b))),
  dinoLoss: walk(logits, (x) => losses.dinoLoss(dinoInputs(x))),
  dinoLossWithMetrics: walk(logits, (x) => losses.dinoLossWithMetrics(dinoInputs(x)).kl),
  dinov2ClassLoss: walk(logits, ([s, g]) =>
    losses.dinov2ClassLoss({ student: [s!, s!], teacher: [g!], teacherTemperature: 0.04 }),
  ),
  dinov2PatchLoss: walk(maskedShapes, ([s, g], b) =>
    losses.dinov2PatchLoss({ student: s!, teacher: g!, ...masked(b), teacherTemperature: 0.04 }),
  ),
  distillation: walk(logits, ([s, g]) => losses.distillation({ student: s!, teacher: g!, ...t })),
  donskerVaradhanBound: walk(scored, ([x]) => losses.donskerVaradhanBound(x!)),
  focalLoss: walk(pixels, ([x], b) => losses.focalLoss(x!, labels(b), { ignored: 0 })),
  ibotLoss: walk(ibotShapes, (x, b) => losses.ibotLoss(ibot(x, b))),
  ibotLossWithParts: walk(ibotShapes, (x, b) => losses.ibotLossWithParts(ibot(x, b)).patchLoss),
  ijepaLoss: ofPair(losses.ijepaLoss),
  infoNce: ofPair((a, b) => losses.infoNce(a, b, t)),
  infoNceBound: walk(scored, ([x]) => losses.infoNceBound(x!)),
  infoNceWithAccuracy: ofPair((a, b) => losses.infoNceWithAccuracy(a, b, t).loss),
  invariantSpread: ofPair((a, b) => losses.invariantSpread(a, b, t)),
  invariantSpreadWithTerms: ofPair((a, b) => losses.invariantSpreadWithTerms(a, b, t).spread),
  jensenShannonBound: walk(scored, ([x]) => losses.jensenShannonBound(x!)),
  koleo: ofRows((x) => losses.koleo(x)),
  maeLoss: walk(
    (b) => [
      [b, 4, 12],
      [b, 3, 4, 4],
    ],
    ([prediction, pictures], b) =>
      losses.maeLoss({ prediction: prediction!, pictures: pictures!, mask: ones(b, 4), patchSize: 2 }),
  ),
  marginContrastive: walk(pair, ([a, b], rows) => losses.marginContrastive(a!, b!, ones(rows), 1)),
  maskWeights: walk(
    (b) => [[b, 2]],
    ([x]) => losses.maskWeights(x!),
    { fixed: true },
  ),
  maskedCrossEntropy: walk(
    (b) => [[b, 2, K]],
    ([x], b) =>
      losses.maskedCrossEntropy({ student: x!, targets: full([b, 2, K], 1 / K), ...masked(b), ...t }),
  ),
  mocoV3Loss: walk(twoPairs, (x) => losses.mocoV3Loss(moco(x))),
  mocoV3LossWithAccuracy: walk(twoPairs, (x) => losses.mocoV3LossWithAccuracy(moco(x)).loss),
  nce: walk(similar, (x) => losses.nce({ ...similarities(x), normalizer: 1 })),
  nceNormalizer: walk(similar, (x) => losses.nceNormalizer(similarities(x)), { fixed: true }),
  negativeCosine: ofPair(losses.negativeCosine),
  nextCentre: walk(
    (b) => [[K], [b, K]],
    ([centre, x]) => losses.nextCentre(centre!, x!, 0.9),
  ),
  nextIbotCentres: walk(ibotShapes, (x, b) => losses.nextIbotCentres(ibot(x, b)).patchCentre, {
    fixed: true,
  }),
  nonParametricSoftmax: walk(banked, (x, b) => losses.nonParametricSoftmax(softmaxOf(x, b))),
  nonParametricSoftmaxWithAccuracy: walk(
    banked,
    (x, b) => losses.nonParametricSoftmaxWithAccuracy(softmaxOf(x, b)).loss,
  ),
  normalizePatches: ofRows((x) => losses.normalizePatches(x)),
  ntXent: ofPair((a, b) => losses.ntXent(a, b, t)),
  ntXentWithAccuracy: ofPair((a, b) => losses.ntXentWithAccuracy(a, b, t).loss),
  offDiagonal: walk(scored, ([x]) => losses.offDiagonal(x!)),
  participationRatio: ofRows(losses.participationRatio, { fixed: true }),
  patchify: walk(
    (b) => [[b, 3, 4, 4]],
    ([x]) => losses.patchify(x!, 2),
  ),
  pixelCrossEntropy: walk(pixels, ([x], b) => losses.pixelCrossEntropy(x!, labels(b), { smoothing: 0.1 })),
  predictiveCoding: walk(
    (b) => [[b, 3, D]],
    (x) => losses.predictiveCoding(coded(x)),
  ),
  predictiveCodingWithAccuracy: walk(
    (b) => [[b, 3, D]],
    (x) => losses.predictiveCodingWithAccuracy(coded(x)).loss,
  ),
  priorDiscriminatorLoss: ofPair(losses.priorDiscriminatorLoss),
  priorEncoderLoss: ofRows(losses.priorEncoderLoss),
  proximal: ofPair((a, b) => losses.proximal(a, b, 1)),
  queueInfoNce: walk(queued, (x) => losses.queueInfoNce(inQueue(x))),
  queueInfoNceWithAccuracy: walk(queued, (x) => losses.queueInfoNceWithAccuracy(inQueue(x)).loss),
  simmimLoss: walk(
    (b) => [
      [b, 3, 4, 4],
      [b, 3, 4, 4],
    ],
    ([prediction, pictures], b) =>
      losses.simmimLoss({ prediction: prediction!, pictures: pictures!, mask: ones(b, 2, 2) }),
  ),
  simsiamLoss: ofPair((a, b) => losses.simsiamLoss([a, b], [b, a])),
  sinkhornKnopp: walk(
    (b) => [[b, K]],
    ([x]) => losses.sinkhornKnopp(x!, { epsilon: 0.05 }),
    { fixed: true },
  ),
  smoothL1: ofPair((a, b) => losses.smoothL1(a, b)),
  softCrossEntropy: walk(
    (b) => [[b, K]],
    ([x], b) => losses.softCrossEntropy(x!, target(b), 0.1),
  ),
  softmaxCrossEntropy: walk(
    (b) => [[b, K]],
    ([x], b) => losses.softmaxCrossEntropy(x!, numbers(b)),
  ),
  softmaxCrossEntropyWithAccuracy: walk(
    (b) => [[b, K]],
    ([x], b) => losses.softmaxCrossEntropyWithAccuracy(x!, numbers(b)).loss,
  ),
  squaredError: ofPair(losses.squaredError),
  swappedPrediction: walk(logits, ([a, b]) =>
    losses.swappedPrediction({ scores: [a!, b!], temperature: 0.1, epsilon: 0.05 }),
  ),
  symmetricInfoNce: ofPair((a, b) => losses.symmetricInfoNce(a, b, t)),
  symmetricInfoNceWithAccuracy: ofPair((a, b) => losses.symmetricInfoNceWithAccuracy(a, b, t).loss),
  teacherEntropy: walk(
    (b) => [[b, K]],
    ([x]) => losses.teacherEntropy(x!, full([K], 0), 0.04),
    {
      fixed: true,
    },
  ),
  teacherInformation: walk(
    (b) => [[b, K]],
    ([x]) => losses.teacherInformation(x!, full([K], 0), 0.04),
    { fixed: true },
  ),
  unpatchify: walk(
    (b) => [[b, 4, 12]],
    ([x]) => losses.unpatchify(x!, { size: 2 }),
  ),
  vicreg: ofPair((a, b) => losses.vicreg(a, b)),
  vicregWithParts: ofPair((a, b) => losses.vicregWithParts(a, b).covariance),
};

const rate = { learningRate: 0.1, weightDecay: 0.01 };
const scalars = () => ({
  ...{ learningRate: full([], rate.learningRate), weightDecay: full([], rate.weightDecay) },
  step: full([], 1),
});
const updated = (rule: optim.OptimizerRule): Walk =>
  walk(
    pair,
    ([value, grad]) => {
      const zero = mul(full(value!.shape, 0), 1);
      const slots = Object.fromEntries(rule.slots(value!.shape).map((slot) => [slot, zero]));
      return rule.update({ value: value!, grad: grad!, slots, decays: true }, scalars()).value;
    },
    { fixed: true },
  );

/** The scope of a layer whose weights are all 1. */
const scope = () => new Scope(new Variables(), "layer", { training: true, trainable: true });

/** Functions of tensors. Schedules and all other exports are functions of plain numbers. */
const OTHERS: Record<string, Walk> = {
  sgd: updated(optim.sgd()),
  adamw: updated(optim.adamw()),
  muon: updated(optim.muon()),
  lars: updated(optim.lars()),
  larc: updated(optim.larc()),
  clipEach: ofRows((x) => optim.clipEach([x], 1)[0]!, { fixed: true }),
  clipGlobal: ofRows((x) => optim.clipGlobal([x], 1)[0]!, { fixed: true }),
  globalNorm: ofPair((a, b) => optim.globalNorm([a, b])),
  norm: ofRows(optim.norm),
  movingAverage: ofPair((a, b) => optim.movingAverage(a, b, 0.9)),
  l2Normalize: ofRows((x) => l2Normalize(x)),
  layerNorm: ofRows((x) => layerNorm(scope(), x)),
  batchNorm: walk(
    (b) => [[b, D, 2, 2]],
    ([x]) => batchNorm(scope(), x!),
  ),
  groupNorm: walk(
    (b) => [[b, D, 2, 2]],
    ([x]) => groupNorm(scope(), x!, { groups: 2 }),
  ),
};

/** Squares of the huge numbers fit float32, and squares of the tiny ones vanish. */
const FILLS = {
  zeros: 0,
  constants: 0.5,
  tiny: 1e-25,
  huge: 1e15,
  negative: -1e15,
  none: Number.NaN,
} as const;

async function run({ shapes, build, fixed }: Walk, rows: number, fill: number) {
  const inputs = shapes(rows).map((shape, i) => input(`x${i}`, shape));
  const value = build(inputs, rows);
  const grads = fixed ? [] : gradients(value.rank === 0 ? value : sum(value), inputs);
  const program = compile({ value, ...Object.fromEntries(grads.map((grad, i) => [`grad${i}`, grad])) });
  const feeds = program.inputs.map(({ name, shape }) => {
    const isFed = name.startsWith("x");
    return [name, new Float32Array(sizeOf(shape)).fill(isFed ? fill : 1)];
  });
  const results = await runOnce(program, Object.fromEntries(feeds), { threads: 1 });
  return Object.fromEntries(Object.entries(results).map(([name, data]) => [name, Array.from(data, Number)]));
}

/** The results, or null if the function refuses with an AfterimageError. */
async function outcome(entry: Walk, rows: number, fill: number) {
  try {
    return await run(entry, rows, fill);
  } catch (error) {
    if (error instanceof AfterimageError) return null;
    throw error;
  }
}

describe.each(Object.entries({ ...LOSSES, ...OTHERS }))("%s", (_, entry) => {
  it("gives numbers or refuses at the edge of its domain", async () => {
    for (const rows of [1, 4])
      for (const [name, fill] of Object.entries(FILLS)) {
        const results = await outcome(entry, rows, fill);
        // One row may be too few, but no numbers are a reason to refuse four rows.
        if (results === null) expect(rows, name).toBe(1);
        if (results === null) continue;
        const where = `${name}, ${rows} rows`;
        if (Number.isNaN(fill)) expect(results.value!.some(Number.isNaN), where).toBe(true);
        else
          for (const [key, data] of Object.entries(results))
            expect(data.some(Number.isNaN), `${key}: ${where}`).toBe(false);
        if (Math.abs(fill) <= 1)
          for (const [key, data] of Object.entries(results))
            expect(data.every(Number.isFinite), `${key}: ${where}`).toBe(true);
      }
  });
});

const x = (...shape: number[]) => input("x", shape);

describe.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("a number that is %d", (bad) => {
  const t = { temperature: bad };
  it.each<[string, () => Tensor]>([
    ["a temperature of ntXent", () => losses.ntXent(x(4, D), x(4, D), t)],
    ["a temperature of infoNce", () => losses.infoNce(x(4, D), x(4, D), t)],
    ["a temperature of invariantSpread", () => losses.invariantSpread(x(4, D), x(4, D), t)],
    [
      "a temperature of queueInfoNce",
      () => losses.queueInfoNce({ ...inQueue([x(4, D), x(4, D), x(5, D)]), ...t }),
    ],
    ["a temperature of nce", () => losses.nce({ ...similarities([x(4), x(4, 5)]), ...t, normalizer: 1 })],
    [
      "a temperature of nonParametricSoftmax",
      () => losses.nonParametricSoftmax({ ...softmaxOf([x(4, D), x(5, D)], 4), ...t }),
    ],
    ["a temperature of softCrossEntropy", () => losses.softCrossEntropy(x(4, K), target(4), bad)],
    [
      "a temperature of dinoLoss",
      () => losses.dinoLoss({ ...dinoInputs([x(4, K), x(4, K)]), teacherTemperature: bad }),
    ],
    ["epsilon of sinkhornKnopp", () => losses.sinkhornKnopp(x(4, K), { epsilon: bad })],
    ["epsilon of koleo", () => losses.koleo(x(4, D), bad)],
    ["epsilon of barlowTwins", () => losses.barlowTwins(x(4, D), x(4, D), { epsilon: bad })],
    ["epsilon of vicreg", () => losses.vicreg(x(4, D), x(4, D), { epsilon: bad })],
    ["epsilon of l2Normalize", () => l2Normalize(x(4, D), -1, bad)],
  ])("is refused as %s", (_, build) => {
    expect(build).toThrow(expect.objectContaining({ code: "usage/value" }));
  });

  it.runIf(bad !== 0)("is refused as beta of smoothL1", () => {
    expect(() => losses.smoothL1(x(4), x(4), bad)).toThrow(expect.objectContaining({ code: "usage/value" }));
  });

  it.runIf(bad !== Number.POSITIVE_INFINITY)("is refused as the largest norm of a gradient", () => {
    expect(() => optim.clipEach([x(4)], bad)).toThrow(expect.objectContaining({ code: "usage/value" }));
  });
});
