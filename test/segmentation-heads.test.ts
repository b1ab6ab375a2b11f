/** Segmentation heads on the backbones: the size of their logits, what learns, and what they refuse. */
import { createBackbone, withOutputStride } from "afterimage/backbones";
import {
  convPatchHead,
  deeplabHead,
  deeplabPlusHead,
  fcnHead,
  linearPatchHead,
  Scope,
  type SegmentationMaps,
  UPSAMPLINGS,
  type Upsampling,
  unetHead,
  Variables,
} from "afterimage/nn";
import { gradientsOrNull, input, sum, type Tensor } from "afterimage/tensor";
import { describe, expect, it } from "vitest";

const CLASSES = 3;
/** A size that no stride divides. */
const SIZE = [75, 53] as const;

type Head = (scope: Scope, maps: SegmentationMaps, upsampling: Upsampling) => Tensor;

const plain = { classes: CLASSES, size: SIZE };
const HEADS: Record<string, Head> = {
  "FCN-32s": (scope, maps, upsampling) => fcnHead(scope, maps, { ...plain, upsampling, stride: 32 }),
  "FCN-16s": (scope, maps, upsampling) => fcnHead(scope, maps, { ...plain, upsampling, stride: 16 }),
  "FCN-8s": (scope, maps, upsampling) => fcnHead(scope, maps, { ...plain, upsampling }),
  "U-Net": (scope, maps, upsampling) =>
    unetHead(scope, maps, { ...plain, upsampling, channels: [8, 8, 4, 4, 4] }),
  "DeepLab v3": (scope, maps, upsampling) => deeplabHead(scope, maps, { ...plain, upsampling, channels: 8 }),
  "DeepLab v3+": (scope, maps, upsampling) =>
    deeplabPlusHead(scope, maps, { ...plain, upsampling, channels: 8 }),
};

const scopeOf = (variables: Variables) => new Scope(variables, "", { training: true, trainable: true });

function requireAllLearn(variables: Variables, logits: Tensor): void {
  const grads = gradientsOrNull(
    sum(logits),
    variables.parameters.map(({ value }) => value),
  );
  const idle = variables.parameters.filter((_, i) => grads[i] === null).map(({ path }) => path);
  expect(idle).toEqual([]);
}

describe.each(Object.entries(HEADS))("%s on a ResNet", (_, head) => {
  it.each(UPSAMPLINGS)(
    "has logits at the size of the pictures by %s, and every parameter learns",
    (upsampling) => {
      for (const stem of ["imagenet", "cifar"] as const) {
        const backbone = createBackbone("resnet18", { imageSize: 64, widthMultiplier: 1 / 16, stem });
        const variables = new Variables();
        const maps = backbone.build(scopeOf(variables).at("backbone"), input("x", [2, 3, ...SIZE]));
        const logits = head(scopeOf(variables).at("head"), maps, upsampling);
        expect(logits.shape).toEqual([2, CLASSES, ...SIZE]);
        requireAllLearn(variables, logits);
      }
    },
  );

  it("has them on dilated stages too", () => {
    const strided = createBackbone("resnet18", { imageSize: 64, widthMultiplier: 1 / 16, stem: "imagenet" });
    const variables = new Variables();
    const scope = scopeOf(variables);
    const maps = withOutputStride(strided, 8).build(scope.at("backbone"), input("x", [2, 3, ...SIZE]));
    expect(head(scope.at("head"), maps, "bilinear").shape).toEqual([2, CLASSES, ...SIZE]);
  });

  it("refuses a transformer by a sentence", () => {
    const backbone = createBackbone("vit_tiny", { imageSize: 32, patch: 8 });
    const maps = backbone.build(scopeOf(new Variables()), input("x", [2, 3, 32, 32]));
    expect(() => head(scopeOf(new Variables()), maps, "bilinear")).toThrow(
      "starts from the maps of a convolutional backbone",
    );
  });
});

describe.each([
  ["linear", linearPatchHead],
  ["convolutional", convPatchHead],
] as const)("the %s head of patches", (_, head) => {
  it.each(UPSAMPLINGS)(
    "has logits at the size of the pictures by %s, and every parameter learns",
    (upsampling) => {
      const backbone = createBackbone("vit_tiny", { imageSize: 32, patch: 8 });
      const variables = new Variables();
      const scope = scopeOf(variables);
      const { patches } = backbone.build(scope.at("backbone"), input("x", [2, 3, 32, 48]));
      const options = { classes: CLASSES, size: [32, 48] as const, patch: 8, upsampling };
      const logits = head(scope.at("head"), patches!, options);
      expect(logits.shape).toEqual([2, CLASSES, 32, 48]);
      const own = new Set(
        variables.parameters.filter(({ path }) => path.startsWith("head.")).map(({ path }) => path),
      );
      const values = variables.parameters.filter(({ path }) => own.has(path));
      const grads = gradientsOrNull(
        sum(logits),
        values.map(({ value }) => value),
      );
      expect(grads.every((grad) => grad !== null)).toBe(true);
    },
  );

  it("refuses patches that do not fill the pictures", () => {
    const options = { classes: CLASSES, size: [32, 32] as const, patch: 8 };
    expect(() => head(scopeOf(new Variables()), input("x", [2, 15, 8]), options)).toThrow(
      "4 × 4 patches of 8 pixels",
    );
  });
});
