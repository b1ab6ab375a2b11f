/** Chooses the form of a step and loads it into the runtime. */
import { AfterimageError } from "../../errors.ts";
import type { SessionOptions } from "../../runtime/session.ts";
import type { StepOptions } from "../network.ts";
import { type Peers, SINGLE } from "../peers.ts";
import { explainRefusal, explainSize, hasRoomForPlan, requireRoom } from "../require-room.ts";
import { coupledStep } from "./coupled-step.ts";
import type { LoadedStep, StepForm, StepVariables } from "./step-form.ts";
import { summedStep } from "./summed-step.ts";
import { wholeStep } from "./whole-step.ts";

export interface CompiledStep extends LoadedStep {
  readonly graph: StepVariables;
}

export interface LoadOptions extends SessionOptions {
  /** Bytes that the step may take; not checked by default. */
  memory?: number;
  /**
   * A part's program of fewer bytes stays loaded; larger ones are loaded only while they are used. Default 32
   * MB: for a small step, loading would cost more than the memory is worth.
   */
  light?: number;
  /** The processes that compute a step together. Default: only this one. */
  peers?: Peers;
}

/**
 * Builds the step in the form that its micro-batch and its loss require, and loads it.
 *
 * @throws AfterimageError `onnx/size`, before anything is loaded; `train/memory`, also when it is run;
 * `usage/value` for a batch that does not divide into the shares of its peers.
 */
export async function compileStep(
  options: StepOptions,
  { memory = Number.POSITIVE_INFINITY, light = 32e6, peers = SINGLE, ...session }: LoadOptions,
): Promise<CompiledStep> {
  requireShares(options, peers);
  const { graph, held, load } = tryBuild(options, peers);
  const size = { ...options, programs: held };
  requireRoom(size, memory);
  const explained = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw explainRefusal(error, size, memory);
    });
  const memoryPlan = hasRoomForPlan(size, memory);
  const { run, release } = await explained(load({ ...session, memoryPlan, light, peers }));
  return { graph, run: (input) => explained(run(input)), release };
}

function tryBuild(options: StepOptions, peers: Peers): StepForm {
  try {
    return formFor(options, peers)(options);
  } catch (error) {
    throw explainSize(error, options);
  }
}

function formFor({ microBatch, batchSize, objective }: StepOptions, { size }: Peers) {
  if (microBatch === batchSize && size === 1) return wholeStep;
  return objective.couplesBatch ? coupledStep : summedStep;
}

function requireShares({ batchSize, microBatch }: StepOptions, { size }: Peers): void {
  if (Number.isInteger(batchSize / size / microBatch)) return;
  throw new AfterimageError("usage/value", {
    what: "a batch does not divide into equal shares of whole micro-batches",
    where: `${size} processes`,
    expected: `a batch size that is a multiple of ${size * microBatch}`,
    got: `${batchSize}`,
  });
}
