import { split, splitOperator } from "../ops/join.ts";
import { ruleFor } from "../rewrite.ts";
import type { Tensor } from "../tensor.ts";

/** A WebGPU device binds 8 storage buffers to a shader, or more if it likes; one is the input. */
const MOST_OUTPUTS = 7;

/** A split into many parts as one into few larger ones, each of which is split again. */
export const splitInStages = ruleFor(splitOperator, ([x], { axis, sizes }) =>
  sizes.length <= MOST_OUTPUTS ? null : inStages(x, axis, sizes),
);

function inStages(x: Tensor, axis: number, sizes: readonly number[]): readonly Tensor[] {
  if (sizes.length <= MOST_OUTPUTS) return split(x, axis, sizes);
  const each = Math.ceil(sizes.length / MOST_OUTPUTS);
  const stages = Array.from({ length: Math.ceil(sizes.length / each) }, (_, i) =>
    sizes.slice(i * each, (i + 1) * each),
  );
  const totals = stages.map((stage) => stage.reduce((sum, size) => sum + size, 0));
  return split(x, axis, totals).flatMap((part, i) => inStages(part, axis, stages[i] ?? []));
}
