import { donskerVaradhanBound, infoNceBound, jensenShannonBound } from "afterimage/losses";
import { Scope, Variables } from "afterimage/nn";
import { adamw } from "afterimage/optim";
import { randomStream } from "afterimage/random";
import { input, neg } from "afterimage/tensor";
import { Learner } from "afterimage/train";
import { deviation, mean } from "../statistics.ts";
import { critic } from "./critic.ts";
import { correlationOf, gaussianPairs } from "./gaussians.ts";

export const BOUNDS = {
  "donsker-varadhan": donskerVaradhanBound,
  "info-nce": infoNceBound,
  "jensen-shannon": jensenShannonBound,
} as const;

export type BoundName = keyof typeof BOUNDS;

export interface BoundTask {
  bound: BoundName;
  /** Nats that x and y share. */
  information: number;
  /** Pairs in a batch, N. */
  batch: number;
  seed: number;
}

export interface BoundSettings {
  /** Numbers in x and in y. */
  dims: number;
  /** Length of the vectors whose inner product is a part of the score. */
  width: number;
  /** Steps of training, on pairs that are drawn anew for each. */
  steps: number;
  learningRate: number;
  /** Batches on which the trained critic is judged. */
  judged: number;
  threads: number;
}

export interface Estimate {
  /** The mean of the bound over the judged batches, in nats. */
  mean: number;
  /** Its standard deviation from batch to batch. */
  deviation: number;
  /** The mean of the Donsker–Varadhan bound by the same critic, and its standard deviation. */
  asDonskerVaradhan: { mean: number; deviation: number };
}

/**
 * Trains a critic to raise a bound on the mutual information of Gaussian pairs, and estimates the information
 * by it from batches that it has not seen.
 */
export async function trainBound(task: BoundTask, settings: BoundSettings): Promise<Estimate> {
  const { bound, information, batch, seed } = task;
  const { dims, steps, judged, threads, learningRate } = settings;
  const variables = new Variables();
  const scope = new Scope(variables, "", { training: true, trainable: true });
  const scores = critic(scope, input("x", [batch, dims]), input("y", [batch, dims]), settings);
  const learner = await Learner.create({
    ...{ variables, seed, threads },
    loss: neg(BOUNDS[bound](scores)),
    outputs: { asDonskerVaradhan: donskerVaradhanBound(scores) },
    optimizer: adamw(),
    // The last steps change nothing: they only judge.
    learningRate: (step) => (step < steps ? learningRate * Math.min(1, 2 * (1 - step / steps)) : 0),
  });
  const shape = { count: batch, dims, correlation: correlationOf(information, dims) };
  const [values, asDonskerVaradhan]: [number[], number[]] = [[], []];
  for (let step = 0; step < steps + judged; step++) {
    const { x, y } = gaussianPairs(shape, randomStream(seed, `gaussians/${information}`, 0, step));
    const results = await learner.step({ x, y });
    if (step < steps) continue;
    values.push(-(results.loss![0] as number));
    asDonskerVaradhan.push(results.asDonskerVaradhan![0] as number);
  }
  await learner.release();
  return { ...momentsOf(values), asDonskerVaradhan: momentsOf(asDonskerVaradhan) };
}

function momentsOf(values: readonly number[]) {
  return { mean: mean(values), deviation: deviation(values) ?? 0 };
}
