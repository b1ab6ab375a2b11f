import type { Matrix } from "../formats/matrix.ts";
import { descend, slotPath } from "../optim/descend.ts";
import { sgd } from "../optim/sgd.ts";
import { createSession, type Results } from "../runtime/session.ts";
import {
  affine,
  cast,
  compile,
  constant,
  equal,
  gradients,
  input,
  logSoftmax,
  mul,
  neg,
  type Program,
  reshape,
  type Shape,
  scalar,
  sizeOf,
  sliceAxis,
  softplus,
  square,
  sub,
  sum,
  type Tensor,
} from "../tensor/index.ts";
import { probeFeeds } from "./probe-feeds.ts";

export interface HeadsOptions {
  /** `[N, D]`. */
  features: Matrix;
  /** N integers in [0, classes); with another loss than softmax `[N, classes]` numbers. */
  labels: ArrayLike<number>;
  /** The outputs of a head. */
  classes: number;
  /** Default `softmax`. */
  loss?: HeadLoss;
  /** L rates, one head each. */
  learningRates: readonly number[];
  epochs: number;
  batchSize: number;
  /** Added to the gradient of the weights, not of the biases: wd · W. */
  weightDecay: number;
  seed: number;
  threads: number;
}

/**
 * `softmax`: cross-entropy of one class a row. `sigmoid`: binary cross-entropy of 0 or 1 for each output,
 * summed over them. `squared`: half the squared error, summed over them.
 */
export type HeadLoss = "softmax" | "sigmoid" | "squared";

/** L linear classifiers, one after another. */
export interface Heads {
  count: number;
  classes: number;
  /** `[L·C, D]`. */
  weight: Float32Array;
  /** `[L·C]`. */
  bias: Float32Array;
}

const MOMENTUM = 0.9;
/**
 * Steps in one run of the graph. Several steps need fewer copies of the weights, and only one batch of
 * features per step as input.
 */
const STEPS_PER_RUN = 8;

/**
 * Trains one linear classifier per learning rate, on the same batches and in the same graph. The classifiers
 * are side by side in one weight matrix and do not influence each other. SGD with momentum 0.9, the rate
 * falling to zero along a cosine, weights starting at zero (the problem is convex).
 */
export async function trainHeads(options: HeadsOptions): Promise<Heads> {
  const { features, classes, learningRates, threads } = options;
  const size = Math.min(options.batchSize, features.rows);
  const dtype = options.loss === undefined || options.loss === "softmax" ? "int32" : "float32";
  const session = await createSession(trainingProgram({ ...options, batchSize: size }), { threads });
  let state: Results = Object.fromEntries(
    [...stateShapes(options)].map(([path, shape]) => [path, new Float32Array(sizeOf(shape))]),
  );
  try {
    for (const batches of probeFeeds({ ...options, dtype, batchSize: size, stepsPerRun: STEPS_PER_RUN })) {
      const next = await session.run({ ...state, ...batches });
      state = Object.fromEntries(Object.keys(state).map((path) => [path, next[`next/${path}`]!]));
    }
  } finally {
    await session.release();
  }
  const [weight, bias] = [state.weight as Float32Array, state.bias as Float32Array];
  return { count: learningRates.length, classes, weight, bias };
}

/** Tensors by path: the heads' parameters, and their momentum. */
type State = Readonly<Record<string, Tensor>>;

const OPTIMIZER = sgd({ momentum: MOMENTUM });

/** The shapes of the tensors that a step replaces, by path. */
function stateShapes({ features, classes, learningRates }: HeadsOptions): Map<string, Shape> {
  const outputs = learningRates.length * classes;
  const parameters: [string, Shape][] = [
    ["weight", [outputs, features.cols]],
    ["bias", [outputs]],
  ];
  return new Map(
    parameters.flatMap(
      ([path, shape]) =>
        [
          [path, shape],
          [slotPath("momentum", path), shape],
        ] as const,
    ),
  );
}

/**
 * {@link STEPS_PER_RUN} steps of SGD as one graph: from the state to its next values, named `next/` and the
 * path.
 */
function trainingProgram(options: HeadsOptions): Program {
  const { features, classes, learningRates, batchSize, loss: kind = "softmax" } = options;
  const outputs = learningRates.length * classes;
  const rows = STEPS_PER_RUN * batchSize;
  const x = input("x", [rows, features.cols]);
  const labels = kind === "softmax" ? input("labels", [rows, 1], "int32") : input("labels", [rows, classes]);
  const share = input("share", [rows, 1]);
  const factor = input("factor", [STEPS_PER_RUN]);
  const rates = constant(
    learningRates.flatMap((rate) => new Array<number>(classes).fill(rate)),
    [outputs, 1],
  );
  let state: State = Object.fromEntries(
    [...stateShapes(options)].map(([path, shape]) => [path, input(path, shape)]),
  );
  for (let step = 0; step < STEPS_PER_RUN; step++) {
    const batch = (t: Tensor) => sliceAxis(t, 0, step * batchSize, (step + 1) * batchSize);
    const logits = affine(batch(x), state.weight!, state.bias!);
    const loss = LOSSES[kind](logits, batch(labels), batch(share), classes);
    state = next(state, loss, mul(rates, sliceAxis(factor, 0, step, step + 1)), options.weightDecay);
  }
  const outcome = Object.entries(state).map(([name, tensor]) => [`next/${name}`, tensor]);
  return compile(Object.fromEntries(outcome), { name: "linear-probe" });
}

/** v ← m·v + ∇, w ← w - rate·v, with a rate `[L·C, 1]` for every output. */
function next(state: State, loss: Tensor, rate: Tensor, weightDecay: number): State {
  const [weight, bias] = [state.weight!, state.bias!];
  const decays = weightDecay !== 0;
  const { values, slots } = descend(
    [
      { path: "weight", shape: weight.shape, value: weight, decays },
      { path: "bias", shape: bias.shape, value: bias, decays: false },
    ],
    gradients(loss, [weight, bias]),
    {
      optimizer: OPTIMIZER,
      hyper: { learningRate: rate, weightDecay: scalar(weightDecay), step: scalar(1) },
      handling: ({ path }) => (path === "bias" ? { learningRate: reshape(rate, bias.shape) } : {}),
      slot: (path) => state[path]!,
    },
  );
  return { ...values, ...slots };
}

/** The sum over heads of Σ_rows share · loss. `logits [B, L·C]`, `share [B, 1]`. */
type HeadsLoss = (logits: Tensor, labels: Tensor, share: Tensor, classes: number) => Tensor;

const LOSSES: Readonly<Record<HeadLoss, HeadsLoss>> = {
  softmax: crossEntropyOfHeads,
  // -t · log σ(z) - (1 - t) · log(1 - σ(z)) = softplus(z) - t · z
  sigmoid: lossByOutput((z, t) => sub(softplus(z), mul(t, z))),
  squared: lossByOutput((z, t) => mul(square(sub(z, t)), 0.5)),
};

/** A loss that is a sum over outputs; `labels [B, C]`. */
function lossByOutput(term: (logits: Tensor, labels: Tensor) => Tensor): HeadsLoss {
  return (logits, labels, share, classes) => {
    const rows = logits.shape[0]!;
    const byHead = reshape(logits, [rows, -1, classes]); // [B, L, C]
    const terms = term(byHead, reshape(labels, [rows, 1, classes]));
    return sum(mul(terms, reshape(share, [rows, 1, 1])));
  };
}

/** `labels [B, 1]`. */
function crossEntropyOfHeads(logits: Tensor, labels: Tensor, share: Tensor, classes: number): Tensor {
  const rows = logits.shape[0]!;
  const byHead = logSoftmax(reshape(logits, [rows, -1, classes])); // [B, L, C]
  const targets = mul(cast(equal(labels, classNumbers(classes)), "float32"), share); // [B, C]
  return neg(sum(mul(byHead, reshape(targets, [rows, 1, classes]))));
}

function classNumbers(classes: number): Tensor {
  return constant(
    Int32Array.from({ length: classes }, (_, label) => label),
    [1, classes],
    "int32",
  );
}
