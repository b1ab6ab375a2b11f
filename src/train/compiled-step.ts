/** A step loaded into the runtime, as one graph or in parts, behind one way to run it. */
import { createSession, type Results, type Session, type SessionOptions } from "../runtime/session.ts";
import type { Program } from "../tensor/index.ts";
import type { StepOptions } from "./network.ts";
import { buildCoupledParts, buildSummedParts } from "./part-graphs.ts";
import { explainRefusal, hasRoomForPlan, requireRoom } from "./require-room.ts";
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
}

/**
 * Builds the step in the form that suits its micro-batch and its loss, and loads it.
 *
 * @throws AfterimageError `train/memory`, when it is run too.
 */
export async function compileStep(
  options: StepOptions,
  { memory = Number.POSITIVE_INFINITY, ...session }: LoadOptions,
): Promise<CompiledStep> {
  const { graph, held, load } = buildForm(options);
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

function buildForm(options: StepOptions): Form {
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
      const kept = await loadAll(programs, session);
      return loaded(options, graph, kept, (input) => runSummed(kept, input));
    };
    return { graph, held: Object.values(programs), load };
  }
  const { programs, ...graph } = buildCoupledParts(options);
  const { gradient, update } = programs;
  const load = async (session: SessionOptions) => {
    const kept = await loadAll({ gradient, update }, session);
    const sessions: CoupledSessions = {
      ...kept,
      async lend(name, use) {
        const lent = await createSession(programs[name], session);
        try {
          return await use(lent);
        } finally {
          await lent.release();
        }
      },
    };
    return loaded(options, graph, kept, (input) => runCoupled(sessions, input));
  };
  return { graph, held: [gradient, update], load };
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
