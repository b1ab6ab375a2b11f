/**
 * Segmentation heads against torchvision and segmentation_models.pytorch
 * (scripts/make_segmentation_heads.py).
 */
import { expect, test } from "vitest";
import {
  type DeeplabOptions,
  deeplabHead,
  type FcnOptions,
  fcnHead,
  Scope,
  type SegmentationMaps,
  type UnetOptions,
  unetHead,
  Variables,
} from "../../src/nn/index.ts";
import { runOnce } from "../../src/runtime/session.ts";
import { compile, gradients, input, mul, sum, type Tensor } from "../../src/tensor/index.ts";
import { deterministic, deterministicWeight } from "../support/deterministic.ts";
import { readFixture } from "../support/fixtures.ts";
import { probeError, relativeError } from "../support/probe.ts";

const TOLERANCE = 1e-4;
const fixture = readFixture("segmentation-heads");

type Options = DeeplabOptions & FcnOptions & UnetOptions;

interface HeadCase {
  head: (scope: Scope, maps: SegmentationMaps, options: Options) => Tensor;
  /** Ours that the settings of the other library mean. */
  own: object;
  /** The size of the logits: there that of a map, or of the picture. */
  size: [number, number];
}

const CASES: Record<string, HeadCase> = {
  fcn: { head: fcnHead, own: { stride: 32 }, size: [5, 7] },
  deeplab: { head: deeplabHead, own: { drop: 0 }, size: [9, 8] },
  unet: { head: unetHead, own: {}, size: [32, 64] },
};

test.each(Object.entries(CASES))(
  "%s has their logits, gradients and running statistics",
  async (name, entry) => {
    const { maps: shapes, options } = fixture.setting<{ maps: number[][]; options: Options }>(name);
    const variables = new Variables();
    const maps = shapes.map((shape, i) => input(`map${i}`, shape));
    const [first, ...rest] = maps;
    const given = rest.length === 0 ? { stages: maps } : { stem: first!, stages: rest };
    // Dropout is noise, which only a network that learns has.
    const scope = new Scope(variables, "", { training: true, trainable: true });
    const logits = entry.head(scope, given, { ...options, ...entry.own, size: entry.size });
    const loss = sum(mul(logits, input("R", logits.shape)));
    const wrt = [...maps, ...variables.parameters.map(({ value }) => value)];
    const names = [...maps.map((_, i) => `map${i}`), ...variables.parameters.map(({ path }) => path)];
    const grads = gradients(loss, wrt).map((grad, i) => [`grad/${names[i]}`, grad] as const);
    const moved = variables.all.filter(({ next, value }) => next !== value);
    const next = moved.map((variable) => [`next/${variable.path}`, variable.next] as const);
    const results = await runOnce(compile({ logits, ...Object.fromEntries([...grads, ...next]) }), {
      R: deterministic(`${name}.R`, logits.size),
      ...Object.fromEntries(maps.map(({ size }, i) => [`map${i}`, deterministic(`${name}.map${i}`, size)])),
      ...Object.fromEntries(variables.masks.map(({ name: mask, shape }) => [mask, ones(shape)])),
      ...Object.fromEntries(variables.all.map(({ path, shape }) => [path, deterministicWeight(path, shape)])),
    });
    expect(relativeError(results.logits as Float32Array, fixture.floats(`${name}/logits`))).toBeLessThan(
      TOLERANCE,
    );
    const stored = [...fixture.endings(`${name}/grad/`).map((ending) => `grad/${ending}`)].sort();
    expect(grads.map(([key]) => key).sort()).toEqual(stored);
    for (const [key] of [...grads, ...next])
      expect(probeError(results[key] as Float32Array, fixture.floats(`${name}/${key}`)), key).toBeLessThan(
        TOLERANCE,
      );
  },
);

function ones(shape: readonly number[]): Float32Array {
  return new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(1);
}
