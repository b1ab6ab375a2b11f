/**
 * Objectives from outside of the project, by public names only, with labels and with masks of pixels as
 * targets.
 */
import { configure } from "afterimage";
import { batches, memoryDataset, type PictureDataset, withTargets } from "afterimage/data";
import { softmaxCrossEntropy } from "afterimage/losses";
import { classTarget, type Method } from "afterimage/methods";
import { conv, linear } from "afterimage/nn";
import { randomStream } from "afterimage/random";
import { reshape, transpose } from "afterimage/tensor";
import { Trainer } from "afterimage/train";
import { describe, expect, it } from "vitest";

const [CANVAS, SIZE, COUNT, BATCH] = [24, 16, 24, 8];

const classifier: Method = {
  name: "classifier",
  objective: () => ({
    targets: [classTarget()],
    couplesBatch: false,
    embed({ scope, backbone, views }) {
      const { features } = backbone.build(scope.at("backbone"), views.picture!); // [B, D]
      return { logits: linear(scope.at("head"), features, { out: 3 }) };
    },
    loss: ({ logits }, { targets }) => ({ loss: softmaxCrossEntropy(logits!, targets.label!) }),
  }),
};

/**
 * The same with a loss that does not say how parts combine: all embeddings and targets come together first.
 */
const coupled: Method = {
  name: "coupled-classifier",
  objective: (settings, situation) => ({ ...classifier.objective(settings, situation), couplesBatch: true }),
};

const CROPS = {
  ...{ name: "crop", size: SIZE, flip: 0.5, jitter: null, greyscale: 0, blur: null, solarize: null },
  crop: { scale: [0.3, 1], ratio: [0.75, 1.33], interpolation: "bilinear" },
  normalize: null,
} as const;

const segmenter: Method = {
  name: "segmenter",
  objective: () => ({
    views: [{ name: "crops", views: [CROPS, { ...CROPS, name: "other" }] }],
    targets: [{ name: "mask", per: "pixel", views: "crops" }],
    couplesBatch: false,
    embed({ scope, backbone, views }) {
      const [map] = backbone.build(scope.at("backbone"), views.crops!).stages!; // [2B, C, S, S]
      return { logits: conv(scope.at("head"), map!, { out: 2, kernel: 1 }) };
    },
    loss({ logits }, { targets }) {
      const rows = reshape(transpose(logits!, [0, 2, 3, 1]), [-1, 2]); // a row for each pixel
      return { loss: softmaxCrossEntropy(rows, reshape(targets.mask!, [-1])) };
    },
  }),
};

/** Pictures of noise with one bright rectangle. Its brightness is the class, and its place is the mask. */
function rectangles(): PictureDataset {
  const random = randomStream(0, "rectangles", 0, 0);
  const plane = CANVAS ** 2;
  const pictures = Uint8Array.from({ length: COUNT * 3 * plane }, () => random.integer(0, 60));
  const masks = new Uint8Array(COUNT * plane);
  for (let i = 0; i < COUNT; i++) {
    const [top, left, height, width] = [0, 0, 6, 6].map((least) => least + random.integer(0, 12));
    for (let y = top!; y < Math.min(CANVAS, top! + height!); y++) {
      for (let x = left!; x < Math.min(CANVAS, left! + width!); x++) {
        masks[i * plane + y * CANVAS + x] = 1;
        for (let channel = 0; channel < 3; channel++)
          pictures[(3 * i + channel) * plane + y * CANVAS + x]! += 90 + 50 * (i % 3);
      }
    }
  }
  const labels = Int32Array.from({ length: COUNT }, (_, i) => i % 3);
  return withTargets(memoryDataset({ canvas: CANVAS, pictures, labels, classNames: ["a", "b", "c"] }), {
    masks: {
      mask: {
        fingerprint: "rectangles",
        read(indices, out) {
          for (let row = 0; row < indices.length; row++)
            out.set(masks.subarray(indices[row]! * plane, (indices[row]! + 1) * plane), row * plane);
        },
      },
    },
  });
}

const dataset = rectangles();

async function train(method: Method, { microBatch = BATCH, epochs = 1, learningRate = 1e-3 } = {}) {
  const choices = {
    ...{
      method: method.name,
      imageSize: SIZE,
      canvas: CANVAS,
      batchSize: BATCH,
      microBatch,
      epochs,
      seed: 1,
    },
    // Group norm, because parts of a batch have other batch statistics than the whole.
    ...{ backbone: "resnet18", backboneOptions: { widthMultiplier: 1 / 16, norm: "group" as const } },
    training: { learningRate, warmupEpochs: 0 },
  };
  const data = { path: "", fingerprint: dataset.fingerprint, pictures: COUNT };
  const trainer = await Trainer.create(configure(choices, data, method), { method, threads: 1 });
  const losses: number[] = [];
  for (let step = 0; step < trainer.steps; ) {
    const epoch = Math.floor(step / trainer.plan.stepsPerEpoch);
    const source = { batchSize: BATCH, partSize: microBatch, seed: 1, epoch, targets: trainer.targets };
    for await (const batch of batches(dataset, source)) losses.push((await trainer.step(batch, step++)).loss);
  }
  await trainer.release();
  return { losses, values: trainer.values };
}

type Values = ReadonlyMap<string, Float32Array>;

const largest = (data: Float32Array) => data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** The largest error, relative to the largest number of its array. */
function largestError(own: Values, reference: Values): number {
  const errors = [...reference].map(([path, data]) => {
    const difference = data.map((value, i) => value - own.get(path)![i]!);
    return largest(difference) / Math.max(1e-3, largest(data));
  });
  return Math.max(...errors);
}

describe.each([
  ["a class of each picture", classifier],
  ["a class of each picture, in a loss of all of them", coupled],
  ["a mask of each picture's pixels", segmenter],
])("an objective with %s as its target", (_name, method) => {
  it("takes the same steps in parts as in whole", async () => {
    // SGD would do too. Adam divides small gradients by their own size, and their rounding too.
    const [whole, parts] = [
      await train(method, { learningRate: 0 }),
      await train(method, { learningRate: 0, microBatch: 4 }),
    ];
    for (const [i, loss] of whole.losses.entries())
      expect(Math.abs(parts.losses[i]! / loss - 1)).toBeLessThan(1e-5);
    const momenta = (values: Values) =>
      new Map([...values].filter(([path]) => path.startsWith("optimizer.") && !path.includes("second")));
    expect(momenta(whole.values).size).toBeGreaterThan(10);
    expect(largestError(momenta(parts.values), momenta(whole.values))).toBeLessThan(1e-5);
  });

  it("learns it", async () => {
    const { losses } = await train(method, { epochs: 10, learningRate: 1e-2 });
    expect(losses.at(-1)!).toBeLessThan(0.4 * losses[0]!);
  });
});
