/**
 * The parts of dense prediction together: a backbone, heads, losses and scores learn to tell shapes apart.
 */
import { createBackbone, withOutputStride } from "afterimage/backbones";
import { ConfusionCounts, segmentationScores } from "afterimage/evaluate";
import { diceLoss, pixelCrossEntropy } from "afterimage/losses";
import { deeplabHead, Scope, type SegmentationMaps, unetHead, Variables } from "afterimage/nn";
import { adamw } from "afterimage/optim";
import { randomStream } from "afterimage/random";
import { add, argmax, cast, input, type Tensor } from "afterimage/tensor";
import { Learner } from "afterimage/train";
import { expect, it } from "vitest";

const [B, SIDE, CLASSES, STEPS] = [8, 32, 3, 40];

/**
 * Noise with a bright square, class 1, and a dark one, class 2; the border of the picture is not labelled.
 */
function scenes(step: number) {
  const random = randomStream(0, "scenes", step, 0);
  const pictures = new Float32Array(B * 3 * SIDE * SIDE);
  random.fillNormal(pictures, 0, 0.3);
  const labels = new Int32Array(B * SIDE * SIDE);
  for (let b = 0; b < B; b++)
    for (const kind of [1, 2]) {
      const [top, left, side] = [random.integer(2, 20), random.integer(2, 20), random.integer(6, 11)];
      for (let y = top; y < top + side; y++)
        for (let x = left; x < left + side; x++) {
          labels[(b * SIDE + y) * SIDE + x] = kind;
          for (let c = 0; c < 3; c++)
            pictures[((b * 3 + c) * SIDE + y) * SIDE + x]! += kind === 1 ? 1.5 : -1.5;
        }
    }
  for (let i = 0; i < labels.length; i++) if (i % SIDE === 0) labels[i] = 255;
  return { pictures, labels };
}

const HEADS: Record<string, (scope: Scope, maps: SegmentationMaps) => Tensor> = {
  "U-Net": (scope, maps) =>
    unetHead(scope, maps, { classes: CLASSES, size: [SIDE, SIDE], channels: [16, 16, 8, 8, 8] }),
  "DeepLab v3 at stride 4": (scope, maps) =>
    deeplabHead(scope, maps, {
      classes: CLASSES,
      size: [SIDE, SIDE],
      channels: 16,
      rates: [1, 2, 3],
      drop: 0.1,
    }),
};

it.each(Object.entries(HEADS))("%s learns masks of two kinds of squares", async (name, head) => {
  const plain = createBackbone("resnet18", { imageSize: SIDE, widthMultiplier: 1 / 8, stem: "cifar" });
  const backbone = name === "U-Net" ? plain : withOutputStride(plain, 4);
  const variables = new Variables();
  const scope = new Scope(variables, "", { training: true, trainable: true });
  const maps = backbone.build(scope.at("backbone"), input("pictures", [B, 3, SIDE, SIDE]));
  const logits = head(scope.at("head"), maps);
  const labels = input("labels", [B, SIDE, SIDE], "int32");
  const loss = add(pixelCrossEntropy(logits, labels), diceLoss(logits, labels));
  const outputs = { classes: cast(argmax(logits, 1), "int32") };
  const learner = await Learner.create({ variables, loss, outputs, optimizer: adamw(), learningRate: 0.01 });
  const counts = new ConfusionCounts({ classes: CLASSES, ignored: [255] });
  for (let step = 0; step < STEPS; step++) {
    const feeds = scenes(step);
    const { classes } = await learner.step(feeds);
    if (step >= STEPS - 4) counts.add(feeds.labels, classes as Int32Array);
  }
  await learner.release();
  const { meanIou, byClass } = segmentationScores(counts);
  expect(meanIou).toBeGreaterThan(0.75);
  expect(Math.min(...byClass.map(({ iou }) => iou))).toBeGreaterThan(0.6);
});
