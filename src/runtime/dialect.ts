/** What an execution provider has beyond ONNX's own operators, found out by asking it. */
import { encodeModel, type OnnxNode } from "../onnx/model.ts";
import type { KernelGap } from "../tensor/index.ts";
import { createSession, type SessionOptions } from "./session.ts";

/** How a graph may be written for a provider: the options of `compile` that depend on it. */
export interface Dialect {
  /** Whether it has ONNX Runtime's `com.microsoft` operators. */
  contrib: boolean;
  /** Channels in a block, where it convolves pictures in blocks of channels; 0 where it does not. */
  blockSize: number;
  /** What its kernels lack. */
  gaps: readonly KernelGap[];
}

/** ONNX alone: for models that leave the project. */
export const PLAIN: Dialect = { contrib: false, blockSize: 0, gaps: [] };

/** Found by running every operator of the table on two software adapters (1.30). */
const GAPS: Readonly<Record<string, readonly KernelGap[]>> = {
  webgpu: ["many-outputs", "uneven-groups", "pool-places"],
};

const known = new Map<string, Promise<Dialect>>();

/** The dialect of a provider on this machine. Asked once in a process. */
export function dialectOf({ provider = "cpu" }: Pick<SessionOptions, "provider"> = {}): Promise<Dialect> {
  let dialect = known.get(provider);
  if (dialect === undefined) {
    // Others would leave the blocks to the CPU, and carry pictures back and forth.
    const blocks = provider === "cpu" ? probeBlockSize(provider) : Promise.resolve(0);
    dialect = blocks.then((blockSize) => ({ contrib: true, blockSize, gaps: GAPS[provider] ?? [] }));
    known.set(provider, dialect);
  }
  return dialect;
}

/** Four channels put into blocks fill up one block: its length is what comes out. */
async function probeBlockSize(provider: string): Promise<number> {
  const pictures = { name: "x", type: "float32", shape: [1, 4, 1, 1] } as const;
  const model = {
    name: "probe",
    nodes: [
      node("ReorderInput", "com.microsoft.nchwc", { inputs: ["x"], outputs: ["blocks"] }),
      node("Shape", "", { inputs: ["blocks"], outputs: ["y"] }),
    ],
    inputs: [pictures],
    outputs: [{ name: "y", type: "int64", shape: [4] } as const],
    initializers: [],
    metadata: {},
  };
  const input = { name: "x", shape: pictures.shape, dtype: "float32" } as const;
  const output = { name: "y", shape: [4], dtype: "int64" } as const;
  const program = { model, bytes: encodeModel(model), inputs: [input], outputs: [output], peakBytes: 0 };
  try {
    const session = await createSession(program, { provider, threads: 1 });
    const { y } = await session.run({ x: new Float32Array(4) });
    await session.release();
    return Number(y![1]);
  } catch {
    return 0;
  }
}

function node(operator: string, domain: string, ends: Pick<OnnxNode, "inputs" | "outputs">): OnnxNode {
  return { name: operator, operator, domain, ...ends, attributes: {} };
}
