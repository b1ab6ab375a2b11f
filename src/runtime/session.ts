/** The only module that calls ONNX Runtime: turns a compiled program into a session that runs it. */
import "./no-telemetry.ts";
import * as ort from "#ort";
import { AfterimageError } from "../errors.ts";
import type { Program, ProgramInput } from "../tensor/compile.ts";
import { sizeOf, type TensorData } from "../tensor/tensor.ts";
import { closedShape, openSize } from "./open-axis.ts";
import { takeOutputs } from "./take-outputs.ts";

export interface SessionOptions {
  /**
   * Threads inside an operator; the number of physical cores is a good choice. 0 lets the runtime choose.
   */
  threads?: number;
  /** ONNX Runtime's execution provider. */
  provider?: string;
  /**
   * Whether small graphs may use a plan of their memory, which takes more memory and less time. Default true.
   */
  memoryPlan?: boolean;
  /**
   * Writes ONNX Runtime's profile, a JSON file whose path starts with this prefix, when the session is
   * released.
   */
  profile?: string;
}

export type Feeds = Readonly<Record<string, TensorData>>;
export type Results = Record<string, TensorData>;

/** A program loaded into ONNX Runtime. */
export interface Session {
  readonly program: Pick<Program, "inputs" | "outputs">;
  /**
   * Runs the graph once, with a value for every input, and returns every output. The size of an open axis is
   * that of the inputs.
   *
   * @throws AfterimageError `tensor/input` for a feed that is missing, has the wrong size or type, or another
   * size of the open axis than the others; `runtime/run` when ONNX Runtime fails, or gives an output that is
   * missing or has another shape or type than the program declares.
   */
  run(feeds: Feeds): Promise<Results>;
  release(): Promise<void>;
}

const DEFAULT_PROVIDER = "cpu";
/** More threads would take memory and have no processor to run on. */
const MOST_THREADS = 1024;

/** Only fatal errors are logged: an error is thrown as ours, with ONNX Runtime's text. */
const QUIET = 4;

/**
 * From this number of bytes on, a graph runs without a plan of its memory. With a plan, the second run
 * allocates all of its memory in one piece, and the pieces of the first run are kept too. That is a third
 * more in total, for 2 or 3 % of the time.
 */
const LARGE = 512e6;

// The same for messages of the runtime outside of any session, such as those about a provider whose libraries
// are missing.
ort.env.logLevel = "fatal";

const ARRAYS = {
  float32: Float32Array,
  uint8: Uint8Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const;

/**
 * Loads `program`. Denormals are flushed to zero: they cost time and carry no signal. ONNX Runtime sets this
 * on the calling thread too and leaves it set: from the first session on, JavaScript's own numbers below
 * 2.2e-308 (and float32 ones below 1.2e-38) are zero.
 *
 * @throws AfterimageError `runtime/run` when ONNX Runtime does not take the graph; `usage/value` for an
 * invalid number of threads.
 */
export async function createSession(program: Program, options: SessionOptions = {}): Promise<Session> {
  requireThreads(options.threads ?? 0);
  const session = await load(program, options);
  const { inputs, outputs } = program;
  const provider = options.provider ?? DEFAULT_PROVIDER;
  return {
    program: { inputs, outputs },
    async run(feeds) {
      const size = openSize(program, feeds);
      const results = await runOrExplain(session, feedAll(program, feeds, size));
      return takeOutputs(program, results, { openSize: size, provider });
    },
    async release() {
      if (options.profile !== undefined) session.endProfiling();
      await session.release();
    },
  };
}

function requireThreads(threads: number): void {
  if (Number.isInteger(threads) && threads >= 0 && threads <= MOST_THREADS) return;
  throw new AfterimageError("usage/value", {
    what: "the number of threads is out of range",
    where: "threads",
    expected: `a whole number, 0 to ${MOST_THREADS}`,
    got: `${threads}`,
  });
}

export interface SupportedProvider {
  name: string;
  /** Whether it works as installed. Other providers need their own libraries. */
  bundled: boolean;
}

/** The execution providers that this build of the runtime knows. */
export function supportedProviders(): readonly SupportedProvider[] {
  // Only the build for Node has this list; the one for browsers includes Wasm and WebGPU.
  const { listSupportedBackends } = ort as { listSupportedBackends?: () => SupportedProvider[] };
  return (
    listSupportedBackends?.() ?? [
      { name: "wasm", bundled: true },
      { name: "webgpu", bundled: true },
    ]
  );
}

/** Loads a program, runs it once and releases it. */
export async function runOnce(
  program: Program,
  feeds: Feeds,
  options: SessionOptions = {},
): Promise<Results> {
  const session = await createSession(program, options);
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

async function load(program: Program, options: SessionOptions): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(program.bytes, {
      executionProviders: [options.provider ?? DEFAULT_PROVIDER],
      graphOptimizationLevel: "all",
      enableMemPattern: options.memoryPlan !== false && program.peakBytes < LARGE,
      logSeverityLevel: QUIET,
      ...(options.threads ? { intraOpNumThreads: options.threads } : {}),
      ...(options.profile ? { enableProfiling: true, profileFilePrefix: options.profile } : {}),
      extra: { session: { set_denormal_as_zero: "1" } },
    });
  } catch (cause) {
    throw new AfterimageError(
      "runtime/run",
      { what: `ONNX Runtime cannot load the graph "${program.model.name}"`, got: messageOf(cause) },
      { cause },
    );
  }
}

async function runOrExplain(session: ort.InferenceSession, feeds: Record<string, ort.Tensor>) {
  try {
    return await session.run(feeds, { logSeverityLevel: QUIET });
  } catch (cause) {
    throw new AfterimageError(
      "runtime/run",
      { what: "ONNX Runtime could not run the graph", got: messageOf(cause) },
      { cause },
    );
  }
}

function feedAll(program: Program, feeds: Feeds, size: number): Record<string, ort.Tensor> {
  return Object.fromEntries(
    program.inputs.map((input) => {
      const shape = closedShape(input.shape, program, size);
      return [input.name, feed({ ...input, shape }, feeds[input.name])];
    }),
  );
}

function feed({ name, shape, dtype }: ProgramInput, data: TensorData | undefined): ort.Tensor {
  const expected = `${dtype}[${shape}], ${ARRAYS[dtype].name} of ${sizeOf(shape)} elements`;
  if (data === undefined)
    throw new AfterimageError("tensor/input", { what: `input ${name} is missing`, expected });
  const isOfType = data instanceof ARRAYS[dtype];
  if (!isOfType || data.length !== sizeOf(shape)) {
    throw new AfterimageError("tensor/input", {
      what: `input ${name} has the wrong ${isOfType ? "size" : "type"}`,
      expected,
      got: `${data.constructor.name} of ${data.length} elements`,
    });
  }
  return new ort.Tensor(dtype as "float32", data as Float32Array, [...shape]);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
