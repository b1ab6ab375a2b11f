/** The only door to ONNX Runtime: a compiled program in, a thing that runs out. */
import * as ort from "#ort";
import { AfterimageError } from "../errors.ts";
import type { Program, ProgramInput } from "../tensor/compile.ts";
import { sizeOf, type TensorData } from "../tensor/tensor.ts";

export interface SessionOptions {
  /** Threads inside an operator; physical cores is a good number. 0 leaves it to the runtime. */
  threads?: number;
  /** ONNX Runtime's execution provider. */
  provider?: string;
  /** Writes ONNX Runtime's profile, a JSON file whose path starts with this prefix, when the session is released. */
  profile?: string;
}

export type Feeds = Readonly<Record<string, TensorData>>;
export type Results = Record<string, TensorData>;

/** A program loaded into ONNX Runtime. */
export interface Session {
  readonly program: Pick<Program, "inputs" | "outputs">;
  /**
   * Runs the graph once. Every input must be fed; every output comes back.
   *
   * @throws AfterimageError `tensor/input` for a missing or wrongly sized feed, `runtime/run` when it fails.
   */
  run(feeds: Feeds): Promise<Results>;
  release(): Promise<void>;
}

const ELEMENT_NAMES = {
  float32: "float32",
  uint8: "uint8",
  int32: "int32",
  int64: "int64",
  bool: "bool",
} as const;

/** Loads `program`. Denormals are flushed to zero: they cost time and carry no signal. */
export async function createSession(program: Program, options: SessionOptions = {}): Promise<Session> {
  const session = await load(program, options);
  const { inputs, outputs } = program;
  return {
    program: { inputs, outputs },
    async run(feeds) {
      const tensors = Object.fromEntries(inputs.map((input) => [input.name, feed(input, feeds[input.name])]));
      const results = await runOrExplain(session, tensors);
      return Object.fromEntries(outputs.map(({ name }) => [name, results[name]!.data as TensorData]));
    },
    async release() {
      if (options.profile !== undefined) session.endProfiling();
      await session.release();
    },
  };
}

/** Loads, runs once and releases. */
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
      executionProviders: [options.provider ?? "cpu"],
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
      ...(options.threads ? { intraOpNumThreads: options.threads } : {}),
      ...(options.profile ? { enableProfiling: true, profileFilePrefix: options.profile } : {}),
      extra: { session: { set_denormal_as_zero: "1" } },
    });
  } catch (cause) {
    throw new AfterimageError(
      "runtime/run",
      { what: `ONNX Runtime does not take the graph "${program.model.name}"`, got: messageOf(cause) },
      { cause },
    );
  }
}

async function runOrExplain(session: ort.InferenceSession, feeds: Record<string, ort.Tensor>) {
  try {
    return await session.run(feeds);
  } catch (cause) {
    throw new AfterimageError(
      "runtime/run",
      { what: "ONNX Runtime could not run the graph", got: messageOf(cause) },
      { cause },
    );
  }
}

function feed({ name, shape, dtype }: ProgramInput, data: TensorData | undefined): ort.Tensor {
  if (data === undefined || data.length !== sizeOf(shape)) {
    throw new AfterimageError("tensor/input", {
      what: data === undefined ? `input ${name} was not fed` : `input ${name} has the wrong size`,
      expected: `${dtype}[${shape}], ${sizeOf(shape)} elements`,
      ...(data === undefined ? {} : { got: `${data.length} elements` }),
    });
  }
  return new ort.Tensor(ELEMENT_NAMES[dtype] as "float32", data as Float32Array, [...shape]);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
