import { l2Normalize } from "../nn/l2-normalize.ts";
import {
  add,
  argmax,
  constant,
  equal,
  gather,
  log,
  matmul,
  mean,
  neg,
  sizeOfAxis,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  where,
} from "../tensor/index.ts";
import { shapeError } from "../tensor/tensor.ts";
import { requirePositive } from "./by-temperature.ts";

/** The score that replaces a row's similarity with itself: below every cosine. */
const NEVER = -2;

/**
 * The KoLeo regulariser, a scalar from -ln 2 (up to ε): -mean over rows of ln(d + ε). Rows are brought to
 * length 1, and d is the distance of a row from its nearest neighbour among the others. It keeps rows apart;
 * both ends of a pair get a gradient.
 *
 * Equal rows have d = ε·√D, so the value stays finite. A single row is its own neighbour, and the value -ln(ε
 * + ε·√D) then means nothing. DINOv2 takes it of the class tokens of one crop at a time, so that two crops of
 * one picture are never neighbours.
 *
 * Source: arXiv 1806.03198, equation 2; `KoLeoLoss` in DINOv2's `loss/koleo_loss.py`. There the similarity of
 * a row with itself counts as -1. Here it counts as less, so that a row is never its own neighbour, even if
 * all others point the opposite way.
 *
 * @param rows `[B, D]`; normalised here.
 * @param epsilon added to every coordinate of a difference, as PyTorch's pairwise distance does, and to the
 * distance.
 * @throws AfterimageError `tensor/shape` for anything but a matrix.
 */
export function koleo(rows: Tensor, epsilon = 1e-8): Tensor {
  if (rows.rank !== 2) throw shapeError("koleo", "rows [B, D]", [rows]);
  requirePositive("epsilon of koleo", epsilon);
  const unit = l2Normalize(rows, -1, epsilon);
  const neighbours = gather(unit, nearestOthers(unit));
  const difference = add(sub(unit, neighbours), epsilon);
  const distance = sqrt(sum(square(difference), [1])); // [B]
  return neg(mean(log(add(distance, epsilon))));
}

/** For each row the index of the other row with the largest inner product, `[B]`. */
function nearestOthers(unit: Tensor): Tensor {
  const B = sizeOfAxis(unit, 0, "koleo");
  const fixed = stopGradient(unit);
  const similarities = matmul(fixed, fixed, { transposeB: true }); // [B, B]
  const places = Array.from({ length: B }, (_, i) => i);
  const isSelf = equal(constant(places, [B, 1], "int64"), constant(places, [1, B], "int64"));
  return argmax(where(isSelf, NEVER, similarities), 1);
}
