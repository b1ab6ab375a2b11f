import { convolution, convolutionOperator } from "../ops/convolution.ts";
import { pad, reshape, sliceAxis } from "../ops/movement.ts";
import { ruleFor } from "../rewrite.ts";
import { shapeOf, sizeOfAxis, type Tensor } from "../tensor.ts";

/**
 * Filters that ONNX Runtime's WebGPU kernel computes at a time, even across the border of two groups, where the second
 * group's filters then see the first one's channels (1.30: groups of 6 filters are wrong by as much as they are large).
 */
const AT_A_TIME = 4;

/** A convolution in groups with filters of zeros at the end of each group, whose results are left out. */
export const evenGroups = ruleFor(convolutionOperator, ([x, filters, bias], options) => {
  const { groups } = options;
  const each = sizeOfAxis(filters, 0, "convolution") / groups;
  if (groups === 1 || each <= AT_A_TIME || each % AT_A_TIME === 0) return null;
  const filled = Math.ceil(each / AT_A_TIME) * AT_A_TIME;
  const y = convolution(
    x,
    fill(filters, groups, filled),
    options,
    bias === undefined ? bias : fill(bias, groups, filled),
  );
  const [b, , h, w] = shapeOf(y, 4, "convolution");
  const inGroups = reshape(y, [b * groups, filled, h, w]);
  return [reshape(sliceAxis(inGroups, 1, 0, each), [b, groups * each, h, w])];
});

/** `[G·n, …]` to `[G·filled, …]`, with zeros at the end of each group. */
function fill(x: Tensor, groups: number, filled: number): Tensor {
  const [total, ...rest] = x.shape as [number, ...number[]];
  const inGroups = reshape(x, [groups, total / groups, ...rest]);
  const none = inGroups.shape.map(() => 0);
  return reshape(pad(inGroups, none, none.with(1, filled - total / groups)), [groups * filled, ...rest]);
}
