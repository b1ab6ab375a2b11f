/**
 * Losses without negatives against PyTorch (scripts/make_noncontrastive_losses.py): values, parts and
 * gradients.
 */
import { describe, expect, test } from "vitest";
import {
  barlowTwinsWithParts,
  byolLoss,
  cosineSimilarity,
  crossCropEntropy,
  dinov2ClassLoss,
  dinov2PatchLoss,
  ibotLossWithParts,
  ijepaLoss,
  koleo,
  maeLoss,
  maskedCrossEntropy,
  maskWeights,
  negativeCosine,
  nextIbotCentres,
  patchify,
  simmimLoss,
  simsiamLoss,
  sinkhornKnopp,
  smoothL1,
  swappedPrediction,
  unpatchify,
  vicregWithParts,
} from "../../src/losses/index.ts";
import { runOnce } from "../../src/runtime/session.ts";
import { compile, constant, gather, mul, reshape, sum, type Tensor } from "../../src/tensor/index.ts";
import { deterministic } from "../support/deterministic.ts";
import { evaluateLoss } from "../support/evaluate-loss.ts";
import { readFixture } from "../support/fixtures.ts";
import { relativeError } from "../support/probe.ts";

const TOLERANCE = 1e-4;
const fixture = readFixture("noncontrastive-losses");

/** A constant input of the fixture, by its name. */
function known(name: string, shape: readonly number[], scale = 1): Tensor {
  return constant(
    deterministic(
      name,
      shape.reduce((a, b) => a * b, 1),
      scale,
    ),
    shape,
  );
}

interface Case {
  /** The loss's arguments that get a gradient, by name and shape; their values are `<inputs>.<name>`. */
  leaves: Record<string, readonly number[]>;
  /** The prefix of the inputs' names, if it is not that of the entries. */
  inputs?: string;
  scale?: number;
  evaluate(leaves: Record<string, Tensor>): { loss: Tensor } & Record<string, Tensor>;
}

/**
 * Compares the loss, the gradients with respect to every leaf, and all other results with the entries
 * `<name>/…`.
 */
async function compare(name: string, { leaves, inputs = name, scale = 1, evaluate }: Case): Promise<void> {
  const values = Object.entries(leaves).map(([leaf, shape]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return [leaf, { data: deterministic(`${inputs}.${leaf}`, size, scale), shape }] as const;
  });
  const got = await evaluateLoss(Object.fromEntries(values), evaluate);
  for (const [entry, data] of Object.entries(got))
    expect(relativeError(data, fixture.floats(`${name}/${entry}`)), `${name}/${entry}`).toBeLessThan(
      TOLERANCE,
    );
}

const stored = (name: string) => constant(fixture.floats(name), fixture.shape(name));

describe("cosines as PyTorch computes them", () => {
  test.each([
    { title: "of rows", name: "rows", a: [5, 7], b: [5, 7] },
    {
      title: "along an axis in the middle, of shapes that broadcast",
      name: "middle",
      a: [3, 4, 5],
      b: [1, 4, 5],
    },
  ])("$title", async ({ name, a, b }) => {
    await compare(`cosine_similarity/${name}`, {
      leaves: { a, b },
      evaluate(leaves) {
        const cosine = cosineSimilarity(leaves.a!, leaves.b!, 1);
        return { cosine, loss: sum(mul(cosine, known(`cosine_similarity/${name}.R`, cosine.shape))) };
      },
    });
  });

  test("the negative cosine, with gradients of both sides", async () => {
    await compare("negative_cosine", {
      leaves: { p: [5, 7], z: [5, 7] },
      evaluate: ({ p, z }) => ({ loss: negativeCosine(p!, z!) }),
    });
  });
});

describe("cross-entropies of crops and patches as PyTorch computes them", () => {
  test.each([
    { name: "multi_crop", B: 3, V: 5 },
    { name: "all_targets", B: 4, V: 3 },
  ])("between crops, $name", async ({ name, B, V }) => {
    const K = 6;
    await compare(`cross_crop_entropy/${name}`, {
      leaves: { student: [V * B, K] },
      evaluate: ({ student }) => ({
        loss: crossCropEntropy({
          student: [reshape(student!, [V, B, K])],
          targets: stored(`cross_crop_entropy/${name}/targets`),
          temperature: 0.3,
        }),
      }),
    });
  });

  test("of masked patches", async () => {
    await compare("masked_cross_entropy", {
      leaves: { student: [4, 6, 5] },
      evaluate: ({ student }) => ({
        loss: maskedCrossEntropy({
          student: student!,
          targets: stored("masked_cross_entropy/targets"),
          weights: maskWeights(stored("masked_cross_entropy/mask")),
          temperature: 0.2,
        }),
      }),
    });
  });
});

describe("losses between two views as PyTorch computes them", () => {
  const two = { p1: [5, 7], p2: [5, 7] };
  const targets = [known("cosine.z1", [5, 7]), known("cosine.z2", [5, 7])] as const;

  test.each([
    { name: "simsiam", formula: simsiamLoss },
    { name: "byol", formula: byolLoss },
  ])("$name", async ({ name, formula }) => {
    const evaluate = ({ p1, p2 }: Record<string, Tensor>) => ({ loss: formula([p1!, p2!], targets) });
    await compare(`cosine/${name}`, { leaves: two, inputs: "cosine", evaluate });
  });

  test.each([
    { B: 8, D: 6, redundancyWeight: 0.0051 },
    { B: 5, D: 9, redundancyWeight: 0.1 },
  ])("Barlow Twins of [$B, $D], weight $redundancyWeight", async ({ B, D, redundancyWeight }) => {
    await compare(`barlow_twins/${B}x${D}_l${redundancyWeight}`, {
      leaves: { first: [B, D], second: [B, D] },
      evaluate({ first, second }) {
        const result = barlowTwinsWithParts(first!, second!, { redundancyWeight });
        return { loss: result.loss, on_diagonal: result.onDiagonal, off_diagonal: result.offDiagonal };
      },
    });
  });

  const weights = fixture.setting<Record<string, [number, number, number]>>("vicreg");
  test.each([
    { name: "paper", B: 8, D: 6, scale: 1.8 },
    { name: "other", B: 5, D: 9, scale: 0.7 },
  ])("VICReg, $name", async ({ name, B, D, scale }) => {
    const [invarianceWeight, varianceWeight, covarianceWeight] = weights[name]!;
    await compare(`vicreg/${name}`, {
      leaves: { first: [B, D], second: [B, D] },
      scale,
      evaluate: ({ first, second }) => ({
        ...vicregWithParts(first!, second!, { invarianceWeight, varianceWeight, covarianceWeight }),
      }),
    });
  });
});

test.each([
  [7, 5],
  [12, 16],
])("KoLeo of [%i, %i] as PyTorch computes it", async (B, D) => {
  await compare(`koleo/${B}x${D}`, {
    leaves: { input: [B, D] },
    evaluate: (leaves) => ({ loss: koleo(leaves.input!) }),
  });
});

describe("assignments to prototypes as PyTorch computes them", () => {
  type Settings = [rows: number, prototypes: number, scale: number, epsilon: number, iterations: number];
  test.each(Object.entries(fixture.setting<Record<string, Settings>>("sinkhorn")))(
    "Sinkhorn-Knopp, %s",
    async (name, [rows, prototypes, scale, epsilon, iterations]) => {
      const scores = known(`sinkhorn/${name}.scores`, [rows, prototypes], scale);
      const got = await runOnce(compile({ q: sinkhornKnopp(scores, { epsilon, iterations }) }), {});
      const expected = fixture.floats(`sinkhorn/${name}`);
      expect(relativeError(got.q as Float32Array, expected)).toBeLessThan(TOLERANCE);
    },
  );

  test.each([
    { name: "two_crops", B: 6, V: 2, K: 4, Q: 0 },
    { name: "multi_crop", B: 4, V: 5, K: 6, Q: 0 },
    { name: "queue", B: 3, V: 4, K: 7, Q: 9 },
  ])("SwAV, $name", async ({ name, B, V, K, Q }) => {
    const queue = Q === 0 ? {} : { queue: known(`swav/${name}.queue`, [2, Q, K]) };
    await compare(`swav/${name}`, {
      leaves: { scores: [V * B, K] },
      evaluate: ({ scores }) => ({
        loss: swappedPrediction({
          scores: [reshape(scores!, [V, B, K])],
          temperature: 0.1,
          epsilon: 0.05,
          ...queue,
        }),
      }),
    });
  });
});

describe("losses between student and teacher as PyTorch computes them", () => {
  const settings = fixture.setting<Record<string, number>>("ibot");

  test("iBOT", async () => {
    const [B, V, N, K, P] = [3, 4, 6, 8, 5];
    await compare("ibot", {
      leaves: { student_class: [V * B, K], student_patches: [2 * B, N, P] },
      evaluate(leaves) {
        const inputs = {
          studentClass: [reshape(leaves.student_class!, [V, B, K])],
          studentPatches: leaves.student_patches!,
          teacherClass: [known("ibot.teacher_class", [2, B, K])],
          teacherPatches: known("ibot.teacher_patches", [2 * B, N, P]),
          mask: stored("ibot/mask"),
          classCentre: known("ibot.class_centre", [K], 0.2),
          patchCentre: known("ibot.patch_centre", [P], 0.2),
        };
        const { loss, classLoss, patchLoss } = ibotLossWithParts({
          ...inputs,
          studentTemperature: 0.1,
          classTemperature: settings.class!,
          patchTemperature: settings.patch!,
          classWeight: settings.lambda1!,
          patchWeight: settings.lambda2!,
        });
        const momenta = { classToken: settings.momentum!, patches: settings.momentum! };
        const next = nextIbotCentres(inputs, momenta);
        return {
          loss,
          class: classLoss,
          patch: patchLoss,
          "next/class_centre": next.classCentre,
          "next/patch_centre": next.patchCentre,
        };
      },
    });
  });

  test("DINOv2's class tokens", async () => {
    const [B, V, K] = [3, 5, 7];
    await compare("dinov2/class", {
      leaves: { student: [V * B, K] },
      evaluate: ({ student }) => ({
        loss: dinov2ClassLoss({
          student: [reshape(student!, [V, B, K])],
          teacher: [known("dinov2/class.teacher", [2, B, K])],
          teacherTemperature: 0.05,
        }),
      }),
    });
  });

  const mask = fixture.numbers("dinov2/patch/mask");
  const masked = mask.flatMap((value, i) => (value === 1 ? [i] : []));
  const pick = (rows: readonly number[]) => (x: Tensor) => gather(x, constant(rows, [rows.length], "int64"));
  const picks: Record<string, (x: Tensor) => Tensor> = {
    "all patches": (x) => x,
    "only the masked patches": pick(masked),
    "the masked patches and some others": pick([mask.indexOf(0), ...masked, mask.lastIndexOf(0)]),
  };
  test.each(Object.entries(picks))("DINOv2's patches, %s", async (_, choose) => {
    const [n, N, K] = [4, 6, 5];
    const rows = (x: Tensor) => choose(reshape(x, [n * N, ...x.shape.slice(2)]));
    await compare("dinov2/patch", {
      leaves: { student: [n, N, K] },
      evaluate: ({ student }) => ({
        loss: dinov2PatchLoss({
          student: rows(student!),
          teacher: rows(known("dinov2/patch.teacher", [n, N, K])),
          weights: rows(maskWeights(stored("dinov2/patch/mask"))),
          teacherTemperature: 0.05,
        }),
      }),
    });
  });
});

describe("losses of reconstruction as PyTorch computes them", () => {
  const pictures = known("mae.pictures", [3, 3, 8, 8]);

  test("patches in MAE's order, and the picture from them", async () => {
    const patches = patchify(pictures, 4);
    const got = await runOnce(compile({ patches, back: unpatchify(patches, { size: 4 }) }), {});
    expect(got.patches).toEqual(fixture.floats("mae/patches"));
    expect(got.back).toEqual(deterministic("mae.pictures", pictures.size));
  });

  test.each([
    { name: "pixels", normalize: false },
    { name: "normalized", normalize: true },
  ])("MAE, $name", async ({ name, normalize }) => {
    await compare(`mae/${name}`, {
      leaves: { prediction: [3, 4, 48] },
      evaluate: ({ prediction }) => ({
        loss: maeLoss({
          prediction: prediction!,
          pictures,
          mask: stored("mae/mask"),
          patchSize: 4,
          normalize,
        }),
      }),
    });
  });

  test("SimMIM", async () => {
    const settings = { pictures: known("simmim.pictures", [2, 3, 8, 8]), mask: stored("simmim/mask") };
    await compare("simmim", {
      leaves: { prediction: [2, 3, 8, 8] },
      evaluate: ({ prediction }) => ({ loss: simmimLoss({ prediction: prediction!, ...settings }) }),
    });
  });

  test.each([1, 0.3])("smooth L1, beta %f", async (beta) => {
    await compare(`smooth_l1/b${beta}`, {
      leaves: { prediction: [2, 5, 8], target: [2, 5, 8] },
      scale: 2,
      evaluate: ({ prediction, target }) => ({ loss: smoothL1(prediction!, target!, beta) }),
    });
  });

  test("I-JEPA", async () => {
    await compare("ijepa", {
      leaves: { prediction: [2, 5, 8] },
      scale: 2,
      evaluate: ({ prediction }) => ({ loss: ijepaLoss(prediction!, known("ijepa.features", [2, 5, 8])) }),
    });
  });
});
