import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createBackbone, resnet, withOutputStride } from "../../backbones/index.ts";
import { conv1d } from "../../nn/conv1d.ts";
import { conv } from "../../nn/layers.ts";
import { pixelShuffle, pixelUnshuffle } from "../../nn/pixel-shuffle.ts";
import { Scope } from "../../nn/scope.ts";
import { transposedConv } from "../../nn/transposed-conv.ts";
import { Variables } from "../../nn/variables.ts";
import { runOnce } from "../../runtime/session.ts";
import {
  add,
  averagePool,
  compile,
  concat,
  gradients,
  input,
  interpolate,
  maxPool,
  maxPoolWithIndices,
  maxUnpool,
  relu,
  shapeOf,
  sizeOf,
  slice,
  sum,
  type Tensor,
} from "../../tensor/index.ts";
import { intervalOf, sizeFromPicture, sizeFromTop, stepsAlong } from "./branch.ts";
import { receptiveFields } from "./receptive-fields.ts";

const scopeOf = () => new Scope(new Variables(), "", { training: false, trainable: true });

function lastField(output: Tensor, picture: Tensor) {
  return receptiveFields([output], picture).at(-1)!.state;
}

/** The fields of a chain of layers `[kernel, stride, padding]`, on either axis the same. */
function chainField(layers: readonly (readonly [number, number, number])[], size = 600) {
  const x = input("x", [1, 1, size, size]);
  const scope = scopeOf();
  const y = layers.reduce(
    (map, [kernel, stride, padding], i) => conv(scope.at(i), map, { out: 1, kernel, stride, padding }),
    x,
  );
  const { branches } = lastField(y, x);
  expect(branches).toHaveLength(1);
  const [rows, columns] = branches[0]!.fields;
  expect(columns).toEqual(rows);
  const steps = stepsAlong(branches[0]!.steps, 0);
  expect(sizeFromTop(steps)).toBe(rows!.size);
  expect(sizeFromPicture(steps)).toBe(rows!.size);
  return rows!;
}

describe("known answers", () => {
  // Araujo, Norris, Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks", table of
  // networks.
  test("AlexNet (v2) sees 195 pixels, one place every 32, with a padding of 64", () => {
    const layers = [
      ...([
        [11, 4, 0],
        [3, 2, 0],
        [5, 1, 2],
        [3, 2, 0],
      ] as const),
      ...([
        [3, 1, 1],
        [3, 1, 1],
        [3, 1, 1],
        [3, 2, 0],
      ] as const),
    ];
    expect(chainField(layers)).toMatchObject({ size: 195, jump: 32, padding: 64 });
  });

  test("VGG-16 sees 212 pixels, one place every 32, with a padding of 90", () => {
    const layers = [2, 2, 3, 3, 3].flatMap((count) => [
      ...Array.from({ length: count }, () => [3, 1, 1] as const),
      [2, 2, 0] as const,
    ]);
    expect(chainField(layers)).toMatchObject({ size: 212, jump: 32, padding: 90 });
  });

  test("three 3×3 convolutions see as much as one of 7×7, and the first place begins at the padding", () => {
    expect(
      chainField([
        [3, 1, 1],
        [3, 1, 1],
        [3, 1, 1],
      ]),
    ).toEqual({ size: 7, jump: 1, start: 0.5, padding: 3 });
    expect(chainField([[7, 2, 3]])).toEqual({ size: 7, jump: 2, start: 0.5, padding: 3 });
  });

  test.each([
    [18, {}, 435, 32],
    [34, {}, 899, 32],
    [50, {}, 427, 32],
    [101, {}, 971, 32],
    [152, {}, 1451, 32],
    [18, { outputStride: 8 }, 435, 8],
    [50, { outputStride: 16 }, 427, 16],
  ] as const)(
    "ResNet-%i with %o sees %i pixels at the most, one place every %i",
    (depth, options, size, jump) => {
      const backbone = resnet({ depth, width: 1, stem: "imagenet", ...options });
      const x = input("x", [1, 3, 64, 64]);
      const { branches, whole } = lastField(backbone.build(scopeOf(), x).map!, x);
      expect(whole).toEqual([]);
      const sizes = branches.map(({ fields }) => fields[0]!.size);
      expect(Math.max(...sizes)).toBe(size);
      expect(branches.every(({ fields }) => fields[0]!.jump === jump && fields[0]!.start === 0.5)).toBe(true);
      for (const { steps, fields } of branches) {
        const along = stepsAlong(steps, 0);
        expect(sizeFromTop(along)).toBe(fields[0]!.size);
        expect(sizeFromPicture(along)).toBe(fields[0]!.size);
      }
    },
  );

  test("a bottleneck with its stride in the first 1×1, as in the paper's own form, sees 483", () => {
    const x = input("x", [1, 1, 64, 64]);
    const scope = scopeOf();
    let y = maxPool(conv(scope.at("stem"), x, { out: 1, kernel: 7, stride: 2, padding: 3 }), {
      kernel: 3,
      stride: 2,
      padding: 1,
    });
    for (const [stage, count] of [3, 4, 6, 3].entries())
      for (let block = 0; block < count; block++) {
        const at = scope.at(`${stage}.${block}`);
        const stride = stage > 0 && block === 0 ? 2 : 1;
        const inner = conv(at.at("a"), y, { out: 1, kernel: 1, stride });
        const long = conv(at.at("b"), inner, { out: 1, kernel: 3, padding: 1 });
        y = add(conv(at.at("short"), y, { out: 1, kernel: 1, stride }), long);
      }
    expect(Math.max(...lastField(y, x).branches.map(({ fields }) => fields[0]!.size))).toBe(483);
  });
});

describe("branches", () => {
  test("are all listed, each once, with the layers that they go through", () => {
    const x = input("x", [1, 1, 20, 20]);
    const scope = scopeOf();
    const wide = conv(scope.at("wide"), x, { out: 1, kernel: [5, 3], padding: [2, 1] });
    const twice = conv(scope.at("second"), conv(scope.at("first"), x, { out: 1, kernel: 3, padding: 1 }), {
      out: 1,
      kernel: 3,
      padding: 1,
    });
    const y = concat([x, relu(add(wide, twice)), wide], 1);
    const { branches } = lastField(y, x);
    expect(
      branches.map(({ fields, steps }) => [fields.map(({ size }) => size), steps.map((s) => s.layer)]),
    ).toEqual([
      [[1, 1], []],
      [[5, 3], ["wide"]],
      [
        [5, 5],
        ["first", "second"],
      ],
    ]);
  });

  test("a batch norm of the batch, pooling to one vector and attention see everything, and say where", () => {
    const vit = createBackbone("vit_tiny", { imageSize: 32, patch: 8 });
    const x = input("x", [2, 3, 32, 32]);
    const built = vit.build(scopeOf(), x);
    const tokens = lastField(built.tokens!, x);
    expect(tokens.branches.map(({ fields }) => fields.map(({ size, jump }) => [size, jump]))).toEqual([
      [
        [8, 8],
        [8, 8],
      ],
    ]);
    expect(tokens.whole[0]!.layer).toMatch(/^blocks\.0\.attn/);
    const resnet = createBackbone("resnet18", { imageSize: 32, widthMultiplier: 1 / 64 });
    const { state } = receptiveFields([resnet.build(scopeOf(), x).features], x).at(-1)!;
    expect(state).toMatchObject({ branches: [], whole: [{ layer: "avgpool", operator: "mean" }] });
    const training = new Scope(new Variables(), "", { training: true, trainable: true });
    expect(lastField(resnet.build(training, x).map!, x).whole[0]).toEqual({
      layer: "bn1",
      operator: "channelMoments",
    });
  });

  test("group norm sees the whole map beside a place's own field", () => {
    const backbone = createBackbone("resnet18", { imageSize: 64, norm: "group", stem: "imagenet" });
    const x = input("x", [1, 3, 64, 64]);
    const { branches, whole } = lastField(backbone.build(scopeOf(), x).map!, x);
    expect(Math.max(...branches.map(({ fields }) => fields[0]!.size))).toBe(435);
    expect(whole).toEqual([{ layer: "bn1", operator: "layerNorm" }]);
  });
});

/**
 * What places in the middle of a line see by their gradients: the first and the last sample that each depends
 * on.
 */
async function seenByGradients(build: (x: Tensor) => Tensor, length: number) {
  const x = input("x", [1, 1, 1, length]);
  const y = build(x);
  const [b, c, h, count] = shapeOf(y, 4, "test");
  const places = Array.from({ length: 6 }, (_, i) => Math.floor(count / 2) + i - 3);
  const inside = places.filter((v) => v >= 0 && v < count);
  const grads = inside.map((v) => {
    const place = slice(y, [0, 0, 0, v], [b, c, h, v + 1]);
    return [`${v}`, gradients(sum(place), [x])[0]!] as const;
  });
  const program = compile(Object.fromEntries(grads));
  const feeds = program.inputs.map(({ name, shape }) => {
    // Positive, so that nothing cancels.
    const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => 1 + ((i * 37) % 11) / 50);
    return [name, values];
  });
  const results = await runOnce(program, Object.fromEntries(feeds), { threads: 1 });
  return inside.map((v) => {
    const slopes = Array.from(results[`${v}`] as Float32Array);
    const seen = slopes.flatMap((slope, i) => (Math.abs(slope) > 1e-9 ? [i] : []));
    return { v, first: seen[0], last: seen.at(-1) };
  });
}

type Layer = (x: Tensor, at: Scope) => Tensor;

const LAYERS: Record<string, Layer> = {
  "conv 3": (x, at) => conv(at, x, { out: 1, kernel: [1, 3], padding: [0, 1] }),
  "conv 3 at rate 2": (x, at) => conv(at, x, { out: 1, kernel: [1, 2], dilation: 2, padding: [0, 1] }),
  "conv 2 by 2": (x, at) => conv(at, x, { out: 1, kernel: [1, 2], stride: [1, 2] }),
  "mean of 3 by 2": (x) => averagePool(x, { kernel: [1, 3], stride: [1, 2], padding: [0, 1] }),
  nearest: (x) => interpolate(x, { scaleFactor: [1, 2] }),
  "nearest by 1.5": (x) => interpolate(x, { scaleFactor: [1, 1.5], mode: "nearest-exact" }),
  linear: (x) => interpolate(x, { scaleFactor: [1, 2], mode: "bilinear" }),
  "aligned corners": (x) => interpolate(x, { scaleFactor: [1, 1.7], mode: "bilinear", alignCorners: true }),
  cubic: (x) => interpolate(x, { scaleFactor: [1, 3], mode: "bicubic" }),
  antialiased: (x) => interpolate(x, { scaleFactor: [1, 0.7], mode: "bilinear", antialias: true }),
  transposed: (x, at) =>
    transposedConv(at, x, { out: 1, kernel: [1, 3], stride: [1, 2], padding: [0, 1], outputPadding: [0, 1] }),
  "transposed 2 by 2": (x, at) => transposedConv(at, x, { out: 1, kernel: [1, 2], stride: [1, 2] }),
};

test("fields are where gradients are, through any layers", async () => {
  const stacks = fc.array(fc.constantFrom(...Object.keys(LAYERS)), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(stacks, async (names) => {
      const length = 24;
      const scope = scopeOf();
      const build = (x: Tensor) => names.reduce((y, name, i) => LAYERS[name]!(y, scope.at(i)), x);
      const x = input("x", [1, 1, 1, length]);
      const { branches, whole } = lastField(build(x), x);
      expect(whole).toEqual([]);
      const seen = await seenByGradients((picture) => {
        const own = scopeOf();
        return names.reduce((y, name, i) => LAYERS[name]!(y, own.at(i)), picture);
      }, length);
      for (const { v, first, last } of seen) {
        const intervals = branches.map(({ steps }) => intervalOf(stepsAlong(steps, 1), v));
        const expected = {
          first: Math.min(...intervals.map((interval) => interval.first)),
          last: Math.max(...intervals.map((interval) => interval.last)),
        };
        // At the borders of maps, what lies outside is padding or the border's own sample.
        if (expected.first < 3 || expected.last > length - 4) continue;
        if (names.includes("cubic")) {
          // Its weights at whole distances are 0.
          expect(first, `${names} at ${v}`).toBeGreaterThanOrEqual(expected.first);
          expect(last, `${names} at ${v}`).toBeLessThanOrEqual(expected.last);
        } else expect({ first, last }, `${names} at ${v}`).toEqual(expected);
      }
    }),
    { seed: 3, numRuns: 40 },
  );
});

test("unpooling is followed, to the window that the place of a value is from", () => {
  const x = input("x", [1, 1, 12, 12]);
  const { values, indices } = maxPoolWithIndices(x, { kernel: 2 });
  const inner = conv(scopeOf(), values, { out: 1, kernel: 3, padding: 1 });
  const { branches, whole } = lastField(maxUnpool(inner, indices, { kernel: 2 }), x);
  expect(whole).toEqual([]);
  expect(branches.map(({ fields }) => [fields[0]!.size, fields[0]!.jump])).toEqual([
    [6, 1],
    [2, 1],
  ]);
});

test("shuffles are followed: a square of pixels as channels, and back", () => {
  const x = input("x", [1, 1, 12, 12]);
  const squares = pixelUnshuffle(x, 2);
  const [apart] = lastField(squares, x).branches;
  expect(apart!.fields[0]).toEqual({ size: 2, jump: 2, start: 1, padding: 0 });
  const y = pixelShuffle(conv(scopeOf(), squares, { out: 8, kernel: 3, padding: 1 }), 2);
  const z = conv(scopeOf(), y, { out: 1, kernel: 3, padding: 1 });
  // 3 fine pixels are of at most 2 coarse ones, which see 3 + 1 of them, 2 pixels each.
  expect(lastField(z, x).branches[0]!.fields[0]).toMatchObject({ size: 8, jump: 1 });
});

test("sequences have one axis, in which convolutions and shuffles are followed", () => {
  const x = input("x", [1, 2, 60]);
  const scope = scopeOf();
  const y = conv1d(scope.at("b"), conv1d(scope.at("a"), x, { out: 2, kernel: 3, dilation: 4, padding: 4 }), {
    out: 2,
    kernel: 5,
    stride: 3,
  });
  const { branches } = lastField(y, x);
  expect(branches.map(({ fields }) => fields)).toEqual([[{ size: 13, jump: 3, start: 2.5, padding: 4 }]]);
});

test("the same weights at another output stride see what they saw", () => {
  const backbone = createBackbone("resnet18", { imageSize: 64, stem: "imagenet", widthMultiplier: 1 / 64 });
  const x = input("x", [1, 3, 64, 64]);
  const sizes = [backbone, withOutputStride(backbone, 4)].map((one) =>
    lastField(one.build(scopeOf(), x).map!, x).branches.map(({ fields }) => fields[0]!.size),
  );
  expect(sizes[1]).toEqual(sizes[0]);
});
