/** A step loaded into the runtime, as one graph or in parts, behind one way to run it. */
import { createSession, type Results, type Session, type SessionOptions } from "../runtime/session.ts";
import type { Program } from "../tensor/index.ts";
import type { StepOptions } from "./network.ts";
import { buildCoupledParts, buildSummedParts } from "./part-graphs.ts";
import { runCoupled, runSummed, runWhole, type StepInput } from "./run-step.ts";
import { buildStep, type StepGraph } from "./step-graph.ts";

export interface CompiledStep {
  readonly graph: Omit<StepGraph, "programs">;
  /** Loss, metrics and gradient norm under their names, next values under `next:<path>`. */
  run(input: Pick<StepInput, "batch" | "values" | "feedsOf">): Promise<Results>;
  release(): Promise<void>;
}

/** Builds the step in the form that suits its micro-batch and its loss, and loads it. */
export async function compileStep(options: StepOptions, session: SessionOptions): Promise<CompiledStep> {
  if (options.microBatch === options.batchSize) {
    const { programs, ...graph } = buildStep(options);
    return load(options, graph, { step: programs }, session, ({ step }, input) => runWhole(step, input));
  }
  if (options.method.couplesBatch) {
    const { programs, ...graph } = buildCoupledParts(options);
    return load(options, graph, programs, session, runCoupled);
  }
  const { programs, ...graph } = buildSummedParts(options);
  return load(options, graph, programs, session, runSummed);
}

async function load<K extends string>(
  { microBatch }: StepOptions,
  graph: CompiledStep["graph"],
  programs: Record<K, Program>,
  options: SessionOptions,
  run: (sessions: Record<K, Session>, input: StepInput) => Promise<Results>,
): Promise<CompiledStep> {
  const sessions = {} as Record<K, Session>;
  for (const [name, program] of Object.entries<Program>(programs))
    sessions[name as K] = await createSession(program, options);
  const parameters = new Map(
    graph.variables.filter(({ kind }) => kind === "parameter").map(({ path, value }) => [path, value.size]),
  );
  return {
    graph,
    run: (input) => run(sessions, { ...input, parameters, microBatch }),
    async release() {
      for (const session of Object.values<Session>(sessions)) await session.release();
    },
  };
}
