/** A gated recurrent unit, with PyTorch's parameter names. */
import {
  add,
  affine,
  concat,
  mul,
  reshape,
  shapeOf,
  sigmoid,
  sizeOfAxis,
  split,
  sub,
  type Tensor,
  tanh,
} from "../tensor/index.ts";
import { fanInUniform } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/**
 * The hidden states of a GRU over sequences `[B, T, I]`, `[B, T, width]`, all steps written into the graph
 * one after another. It starts from 0. With x the input, h the state before, and [r, z, n] the three parts of
 * each product:
 *
 * r = σ(W_ir·x + b_ir + W_hr·h + b_hr), z = σ(W_iz·x + b_iz + W_hz·h + b_hz),
 * n = tanh(W_in·x + b_in + r ⊙ (W_hn·h + b_hn)), h' = (1 - z) ⊙ n + z ⊙ h.
 *
 * Variables `weight_ih_l0` `[3·width, I]`, `weight_hh_l0` `[3·width, width]`, `bias_ih_l0` and `bias_hh_l0`
 * `[3·width]`, all of which start at U(±1/√width).
 *
 * Source: Cho et al. 2014, arXiv 1406.1078, section 2.3, in the form of `torch.nn.GRU`, which applies r after
 * the product with h.
 */
export function gru(scope: Scope, x: Tensor, { width }: { width: number }): Tensor {
  return scope.labelled(() => {
    const [b, t, size] = shapeOf(x, 3, "gru");
    const initial = fanInUniform(width);
    const byInput = scope.parameter("weight_ih_l0", [3 * width, size], initial);
    const byState = scope.parameter("weight_hh_l0", [3 * width, width], initial);
    const inputBias = scope.parameter("bias_ih_l0", [3 * width], initial, { decays: false });
    const stateBias = scope.parameter("bias_hh_l0", [3 * width], initial, { decays: false });
    // T × [B, 1, 3·width]
    const inputs = split(affine(x, byInput, inputBias), 1, new Array<number>(t).fill(1));
    const states: Tensor[] = [];
    for (const part of inputs) {
      const before = states.at(-1) ?? null;
      const own = reshape(part, [b, 3 * width]);
      states.push(nextState(own, before === null ? stateBias : affine(before, byState, stateBias), before));
    }
    return concat(
      states.map((state) => reshape(state, [b, 1, width])),
      1,
    );
  });
}

/**
 * @param byInput the products with the input, `[B, 3·width]`.
 * @param byState the products with the state; if the state is 0, only their bias, `[3·width]`.
 * @param state `[B, width]`, null for 0.
 */
function nextState(byInput: Tensor, byState: Tensor, state: Tensor | null): Tensor {
  const thirds = (x: Tensor) =>
    split(
      x,
      -1,
      [1, 1, 1].map(() => sizeOfAxis(x, -1, "gru") / 3),
    ) as [Tensor, Tensor, Tensor];
  const [inputReset, inputUpdate, inputNew] = thirds(byInput);
  const [stateReset, stateUpdate, stateNew] = thirds(byState);
  const reset = sigmoid(add(inputReset, stateReset));
  const update = sigmoid(add(inputUpdate, stateUpdate));
  const fresh = tanh(add(inputNew, mul(reset, stateNew)));
  return state === null ? sub(fresh, mul(update, fresh)) : add(fresh, mul(update, sub(state, fresh)));
}
