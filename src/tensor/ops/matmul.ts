/** Matrix products, batched, in all transposes, with a factor; and the affine map of a linear layer. */
import {
  apply1,
  type Emitter,
  FLOAT,
  type One,
  type Operator,
  requireType,
  type Shape,
  sameShape,
  shapeError,
  shapeOf,
  sizeOfAxis,
  type Tensor,
  type Three,
  type Two,
} from "../tensor.ts";
import { reshape, sum, sumTo } from "./movement.ts";

export interface MatmulAttrs {
  transposeA: boolean;
  transposeB: boolean;
  alpha: number;
}

export const matmulOperator: Operator<MatmulAttrs, Two, One> = {
  name: "matmul",
  infer(inputs, { transposeA, transposeB }) {
    requireType("matmul", FLOAT, inputs);
    const [a, b] = inputs;
    if (a.rank < 2 || b.rank < 2) throw shapeError("matmul", "two tensors of rank 2 or more", inputs);
    const [m, ka] = lastTwo(a, transposeA);
    const [kb, n] = lastTwo(b, transposeB);
    const batch = batchShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    if (ka !== kb || batch === null)
      throw shapeError("matmul", "equal inner sizes and batches that broadcast", inputs);
    return [{ shape: [...batch, m, n], dtype: a.dtype }];
  },
  gradient: {
    // With A' = op(A) and B' = op(B): dA' = α·G·B'ᵀ and dB' = α·A'ᵀ·G. Each is written straight into the
    // layout of A and B.
    rule({ inputs: [a, b], grads: [g], attrs: { transposeA, transposeB, alpha } }) {
      const da = transposeA
        ? matmul(b, g, { transposeA: transposeB, transposeB: true, alpha })
        : matmul(g, b, { transposeB: !transposeB, alpha });
      const db = transposeB
        ? matmul(g, a, { transposeA: true, transposeB: transposeA, alpha })
        : matmul(a, g, { transposeA: !transposeA, alpha });
      return [sumTo(da, a.shape), sumTo(db, b.shape)];
    },
  },
  emit(e, [a, b], { transposeA, transposeB, alpha }, node) {
    const [ta, tb] = node.inputs;
    if (ta.rank === 2 && tb.rank === 2) {
      if (transposeA && !transposeB && isTall(node.outputs[0].shape)) {
        const [product] = emitGemm(e, [b, a], { transposeA, transposeB, alpha });
        return emitTurned(e, product, node.outputs[0].shape);
      }
      return emitGemm(e, [a, b], { transposeA, transposeB, alpha });
    }
    if (e.contrib && (transposeA || transposeB || alpha !== 1)) {
      const flags = { transA: { int: transposeA ? 1 : 0 }, transB: { int: transposeB ? 1 : 0 } };
      return e.runtimeNode("com.microsoft", "FusedMatMul", [a, b], { ...flags, alpha: { float: alpha } });
    }
    const turned = (name: string, rank: number, turn: boolean) =>
      turn ? e.node("Transpose", [name], { perm: swapLast(rank) })[0] : name;
    const product = e.node("MatMul", [turned(a, ta.rank, transposeA), turned(b, tb.rank, transposeB)]);
    return alpha === 1
      ? product
      : e.node("Mul", [product[0], e.constant(Float32Array.of(alpha), [], "float32")]);
  },
};

function emitGemm(e: Emitter, inputs: readonly string[], attrs: MatmulAttrs): [string, ...string[]] {
  const { transposeA, transposeB, alpha } = attrs;
  return e.node("Gemm", inputs, { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0, alpha });
}

/**
 * A matrix turned to `shape`. As one of a batch: a plain Transpose behind a Gemm would be merged into it, and
 * undone.
 */
function emitTurned(e: Emitter, x: string, shape: Shape): readonly string[] {
  const [rows, columns] = shapeOf(shape, 2, "matmul");
  const batch = e.node("Reshape", [x, e.shape([1, columns, rows])])[0];
  const turned = e.node("Transpose", [batch], { perm: [0, 2, 1] })[0];
  return e.node("Reshape", [turned, e.shape(shape)]);
}

/**
 * ONNX Runtime turns the first factor strip by strip: aᵀ·b with many rows is a tenth quicker as (bᵀ·a)ᵀ with
 * few.
 */
function isTall(shape: Shape): boolean {
  const [rows, columns] = shapeOf(shape, 2, "matmul");
  return rows > columns;
}

export const affineOperator: Operator<null, Three, One> = {
  name: "affine",
  infer(inputs) {
    requireType("affine", FLOAT, inputs);
    const [x, w, b] = inputs;
    const fits =
      x.rank === 2 &&
      w.rank === 2 &&
      x.shape[1] === w.shape[1] &&
      sameShape(b.shape, [sizeOfAxis(w, 0, "affine")]);
    if (!fits) throw shapeError("affine", "x [N, I], weight [O, I] and bias [O]", inputs);
    return [{ shape: [sizeOfAxis(x, 0, "affine"), sizeOfAxis(w, 0, "affine")], dtype: x.dtype }];
  },
  gradient: {
    rule: ({ inputs: [x, w], grads: [g] }) => [matmul(g, w), matmul(g, x, { transposeA: true }), sum(g, [0])],
  },
  emit: (e, inputs) => e.node("Gemm", inputs, { transB: 1 }),
};

/**
 * `alpha · op(a) · op(b)` on the last two axes, op being the transpose where asked for: a `[…, M, K]`, b
 * `[…, K, N]` (as they are after op) to `[…, M, N]`. Leading axes are batches and broadcast.
 *
 * @throws AfterimageError `tensor/shape` for tensors of less than two axes, inner sizes that differ, or
 * batches that do not broadcast; `tensor/dtype` for anything but float32.
 */
export function matmul(a: Tensor, b: Tensor, options: Partial<MatmulAttrs> = {}): Tensor {
  return apply1(matmulOperator, [a, b], { transposeA: false, transposeB: false, alpha: 1, ...options });
}

/**
 * `x · weightᵀ + bias` for x `[…, I]`, weight `[O, I]`, bias `[O]` or null; gives `[…, O]`.
 *
 * @throws AfterimageError `tensor/shape` when they do not fit each other, `tensor/dtype` for anything but
 * float32.
 */
export function affine(x: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
  const rows = reshape(x, [-1, sizeOfAxis(x, -1, "affine")]);
  const y =
    bias === null
      ? matmul(rows, weight, { transposeB: true })
      : apply1(affineOperator, [rows, weight, bias], null);
  return reshape(y, [...x.shape.slice(0, -1), sizeOfAxis(weight, 0, "affine")]);
}

function lastTwo(x: Tensor, turned: boolean): [number, number] {
  const [rows, columns] = [sizeOfAxis(x, -2, "matmul"), sizeOfAxis(x, -1, "matmul")];
  return turned ? [columns, rows] : [rows, columns];
}

function swapLast(rank: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return [...axes.slice(0, -2), rank - 1, rank - 2];
}

function batchShape(a: Shape, b: Shape): Shape | null {
  const rank = Math.max(a.length, b.length);
  const sizes: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const sa = a[axis - rank + a.length] ?? 1;
    const sb = b[axis - rank + b.length] ?? 1;
    if (sa !== sb && sa !== 1 && sb !== 1) return null;
    sizes.push(Math.max(sa, sb));
  }
  return sizes;
}
