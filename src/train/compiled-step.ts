/** A step loaded into the runtime, as one graph or in parts, behind one way to run it. */
import { createSession, type Results, type Session, type SessionOptions } from "../runtime/session.ts";
import type { Program } from "../tensor/index.ts";
import type { StepOptions } from "./network.ts";
import { buildCoupledParts, buildSummedParts, type CoupledPrograms } from "./part-graphs.ts";
import { explainRefusal, explainSize, hasRoomForPlan, requireRoom } from "./require-room.ts";
import { type CoupledSessions, runCoupled, runSummed, runWhole, type StepInput } from "./run-step.ts";
import { buildStep, type StepGraph } from "./step-graph.ts";

export interface CompiledStep {
  readonly graph: Omit<StepGraph, "programs">;
  /** Loss, metrics and gradient norm under their names, next values under `next:<path>`. */
  run(input: Pick<StepInput, "batch" | "values" | "feedsOf" | "lossFeeds">): Promise<Results>;
  release(): Promise<void>;
}

export interface LoadOptions extends SessionOptions {
  /** Bytes that the step may take; not looked at if left out. */
  memory?: number;
  /**
   * A part's program of fewer bytes stays loaded, others are loaded for the time of their use. By default 32 MB: a small
   * step would spend more on loading than the memory is worth.
   */
  light?: number;
}

/**
 * Builds the step in the form that suits its micro-batch and its loss, and loads it.
 *
 * @throws AfterimageError `onnx/size`, before anything is loaded; `train/memory`, when it is run too.
 */
export async function compileStep(
  options: StepOptions,
  { memory = Number.POSITIVE_INFINITY, light = 32e6, ...session }: LoadOptions,
): Promise<CompiledStep> {
  const { graph, held, load } = tryBuildForm(options, light);
  const size = { ...options, programs: held };
  requireRoom(size, memory);
  const explained = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw explainRefusal(error, size, memory);
    });
  const { run, release } = await explained(load({ ...session, memoryPlan: hasRoomForPlan(size, memory) }));
  return { graph, run: (input) => explained(run(input)), release };
}

type Loaded = Pick<CompiledStep, "run" | "release">;

interface Form {
  graph: CompiledStep["graph"];
  /** The programs that hold memory at one time. */
  held: readonly Program[];
  load(session: SessionOptions): Promise<Loaded>;
}

function tryBuildForm(options: StepOptions, light: number): Form {
  try {
    return buildForm(options, light);
  } catch (error) {
    throw explainSize(error, options);
  }
}

function buildForm(options: StepOptions, light: number): Form {
  if (options.microBatch === options.batchSize) {
    const { programs, ...graph } = buildStep(options);
    const load = async (session: SessionOptions) => {
      const kept = await loadAll({ step: programs }, session);
      return loaded(options, graph, kept, (input) => runWhole(kept.step, input));
    };
    return { graph, held: [programs], load };
  }
  if (!options.method.couplesBatch) {
    const { programs, ...graph } = buildSummedParts(options);
    const load = async (session: SessionOptions) => {
      const kept = await loadAll(programs, sparing(session));
      return loaded(options, graph, kept, (input) => runSummed(kept, input));
    };
    return { graph, held: Object.values(programs), load };
  }
  const { programs, ...graph } = buildCoupledParts(options);
  const load = async (session: SessionOptions) => {
    const { kept, lend } = await loadCoupled(programs, light, sparing(session));
    return loaded(options, graph, kept, (input) => runCoupled({ ...kept, lend }, input));
  };
  return { graph, held: [programs.gradient, programs.update], load };
}

/** Who splits a step does it for memory's sake. */
const sparing = (session: SessionOptions): SessionOptions => ({ ...session, memoryPlan: false });

async function loadCoupled(programs: CoupledPrograms, light: number, options: SessionOptions) {
  const { embed, loss, ...used } = programs;
  const small = Object.entries({ embed, loss }).filter(([, { peakBytes }]) => peakBytes < light);
  const stay: Partial<Record<string, Session>> = await loadAll(Object.fromEntries(small), options);
  const lend: CoupledSessions["lend"] = async (name, use) => {
    const session = stay[name] ?? (await createSession(programs[name], options));
    try {
      return await use(session);
    } finally {
      if (session !== stay[name]) await session.release();
    }
  };
  return { kept: { ...stay, ...(await loadAll(used, options)) }, lend };
}

async function loadAll<K extends string>(
  programs: Record<K, Program>,
  options: SessionOptions,
): Promise<Record<K, Session>> {
  const sessions = {} as Record<K, Session>;
  for (const [name, program] of Object.entries<Program>(programs))
    sessions[name as K] = await createSession(program, options);
  return sessions;
}

function loaded(
  { microBatch }: StepOptions,
  graph: CompiledStep["graph"],
  sessions: Record<string, Session>,
  run: (input: StepInput) => Promise<Results>,
): Loaded {
  const parameters = new Map(
    graph.variables.filter(({ kind }) => kind === "parameter").map(({ path, value }) => [path, value.size]),
  );
  return {
    run: (input) => run({ ...input, parameters, microBatch }),
    async release() {
      for (const session of Object.values(sessions)) await session.release();
    },
  };
}
