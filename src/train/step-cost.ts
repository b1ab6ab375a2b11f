/** The cost of a training step, counted in its graph, so that a run's length can be chosen from it. */
import type { Method } from "../objectives/method.ts";
import { PLAIN } from "../runtime/dialect.ts";
import { type Shape, sizeOf, type Tensor } from "../tensor/index.ts";
import { describeRun } from "./describe-run.ts";
import { stepTensors } from "./forms/whole-step.ts";
import type { RunConfig } from "./run-config.ts";

export interface StepCost {
  /** Multiplications with an addition, of convolutions and matrix products. */
  products: number;
  /** Numbers that all other operators write. */
  elements: number;
}

/**
 * One core of a slow machine (AMD EPYC of 2021 at 2.4 GHz, no 512-bit vectors). SimCLR with ResNet-18 at 28
 * to 96 pixels and widths of .25 to 1, with both stems, took .87 to 1.07 of the seconds that these rates
 * give; MAE and DINO with a ViT tiny 1.09 and 1.16.
 */
const PRODUCTS_PER_SECOND = 33e9;
const SECONDS_PER_ELEMENT = 1.5e-9;

/**
 * Seconds of a step of this configuration on one core of the reference machine. It follows from the
 * configuration only, so it is the same on every machine.
 *
 * @param method the method that the configuration names; needed if it is not in the list of methods.
 */
export function referenceSeconds(config: RunConfig, method?: Method): number {
  const { options } = describeRun(config, method);
  const { outputs } = stepTensors({ ...options, dialect: PLAIN });
  const { products, elements } = costOf(Object.values(outputs));
  return products / PRODUCTS_PER_SECOND + elements * SECONDS_PER_ELEMENT;
}

/** Counts every node that the outputs need, once. */
export function costOf(outputs: Iterable<Tensor>): StepCost {
  const cost = { products: 0, elements: 0 };
  const seen = new Set<number>();
  const waiting = [...outputs];
  for (let tensor = waiting.pop(); tensor !== undefined; tensor = waiting.pop()) {
    const { node } = tensor;
    if (seen.has(node.id)) continue;
    seen.add(node.id);
    waiting.push(...node.inputs);
    const count = PRODUCTS[node.operator.name];
    if (count !== undefined) cost.products += count(tensor, node.inputs, node.attrs);
    else if (!FREE.has(node.operator.name))
      cost.elements += node.outputs.reduce((sum, { size }) => sum + size, 0);
  }
  return cost;
}

type Count = (output: Tensor, inputs: readonly Tensor[], attrs: unknown) => number;

/**
 * Operators that multiply: one window for each output number, or for each input number of a transposed
 * convolution.
 */
const PRODUCTS: Readonly<Record<string, Count>> = {
  matmul: (output, [a], attrs) =>
    output.size * a!.shape.at((attrs as { transposeA: boolean }).transposeA ? -2 : -1)!,
  affine: (output, [a]) => output.size * a!.shape.at(-1)!,
  convolution: (output, [, filters]) => output.size * windowOf(filters!.shape),
  transposedConvolution: (_, [x, filters]) => x!.size * windowOf(filters!.shape),
  resample: (output, [x], attrs) =>
    output.size *
    Math.max(...(attrs as { changes: { axis: number }[] }).changes.map(({ axis }) => x!.shape.at(axis)!)),
  filterGradient: (_, [, g], attrs) => g!.size * windowOf((attrs as { shape: Shape }).shape),
};

/** Operators that compute nothing: they are read, or only rearrange. */
const FREE: ReadonlySet<string> = new Set(["input", "constant", "reshape", "stopGradient", "derivative"]);

/** The numbers of a filter `[O, C/groups, KH, KW]` that contribute to one output number. */
function windowOf([, ...window]: Shape): number {
  return sizeOf(window);
}
