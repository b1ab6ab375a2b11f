/** Softmax and its logarithm along one axis. */
import { apply1, FLOAT, type One, type Operator, requireType, type Tensor } from "../tensor.ts";
import { normalizeAxis } from "./axes.ts";
import { exp, mul, sub } from "./elementwise.ts";
import { sum } from "./movement.ts";

export const softmaxOperator: Operator<number, One, One> = {
  name: "softmax",
  infer(inputs) {
    requireType("softmax", FLOAT, inputs);
    return [inputs[0]];
  },
  gradient: {
    // dx = y·(g - Σ g·y)
    rule({ outputs: [y], grads: [g], attrs: axis }) {
      const gy = mul(g, y);
      return [sub(gy, mul(y, sum(gy, [axis], true)))];
    },
  },
  emit: (e, [x], axis) => e.node("Softmax", [x], { axis }),
};

export const logSoftmaxOperator: Operator<number, One, One> = {
  name: "logSoftmax",
  infer(inputs) {
    requireType("logSoftmax", FLOAT, inputs);
    return [inputs[0]];
  },
  gradient: {
    // dx = g - softmax(x)·Σ g
    rule: ({ outputs: [y], grads: [g], attrs: axis }) => [sub(g, mul(exp(y), sum(g, [axis], true)))],
  },
  emit: (e, [x], axis) => e.node("LogSoftmax", [x], { axis }),
};

/** exp(x) / Σ exp(x) along `axis`. */
export function softmax(x: Tensor, axis = -1): Tensor {
  return apply1(softmaxOperator, [x], normalizeAxis(x, axis, "softmax"));
}

/** x - log Σ exp(x) along `axis`. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  return apply1(logSoftmaxOperator, [x], normalizeAxis(x, axis, "logSoftmax"));
}
