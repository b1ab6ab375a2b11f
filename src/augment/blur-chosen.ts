/** Blurs some pictures of a batch: the others cost almost nothing. */
import type { OnnxOperator } from "../onnx/attributes.ts";
import { matmul, reshape, shapeOf, type Tensor } from "../tensor/index.ts";
import {
  apply1,
  type One,
  type Operator,
  requireType,
  sameShape,
  shapeError,
  type Three,
} from "../tensor/tensor.ts";

/**
 * The number of chosen pictures is known only when the graph runs, so sizes between its first node and its
 * last are open. A tensor's sizes may not be, and so this is one operator instead of several.
 */
export const blurChosenOperator: Operator<null, Three, One> = {
  name: "blurChosen",
  infer(inputs) {
    const [x, matrices, chosen] = inputs;
    requireType("blurChosen", ["float32"], [x, matrices]);
    requireType("blurChosen (which)", ["bool"], [chosen]);
    const [b, , n] = x.shape;
    const fits = x.rank === 4 && sameShape(matrices.shape, [b!, n!, n!]) && sameShape(chosen.shape, [b!]);
    if (!fits) throw shapeError("blurChosen", "x [B, C, N, N], matrices [B, N, N] and chosen [B]", inputs);
    return [x];
  },
  gradient: "non-differentiable",
  emit(e, [x, matrices, chosen], _attrs, node) {
    const [, c, n] = node.inputs[0].shape as [number, number, number];
    const one = (operator: OnnxOperator, ...inputs: string[]) => e.node(operator, inputs)[0];
    const places = one("NonZero", chosen); // [1, chosen]
    const list = one("Reshape", places, e.int64([-1]));
    const blurs = one("Gather", matrices, list); // [chosen, N, N]
    const vertical = one("MatMul", one("Reshape", blurs, e.int64([-1, 1, n, n])), one("Gather", x, list));
    const rows = one("Reshape", vertical, e.int64([-1, c * n, n]));
    const turned = e.node("Transpose", [blurs], { perm: [0, 2, 1] })[0];
    const both = one("Reshape", one("MatMul", rows, turned), e.int64([-1, c, n, n]));
    return e.node("ScatterND", [x, one("Reshape", places, e.int64([-1, 1])), both]);
  },
};

/**
 * `M · x · Mᵀ` for the chosen pictures, the others unchanged: x `[B, C, N, N]`, M `[B, N, N]`, chosen `[B]`.
 */
export function blurChosen(x: Tensor, matrices: Tensor, chosen: Tensor): Tensor {
  return apply1(blurChosenOperator, [x, matrices, chosen], null);
}

/** The same for all pictures. */
export function blurAll(x: Tensor, matrices: Tensor): Tensor {
  const [b, c, n] = shapeOf(x, 4, "blurAll");
  const vertical = matmul(reshape(matrices, [b, 1, n, n]), x);
  const both = matmul(reshape(vertical, [b, c * n, n]), matrices, { transposeB: true });
  return reshape(both, x.shape);
}
