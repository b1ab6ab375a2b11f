/** The abilities of an execution provider beyond ONNX's own operators, found out by testing it. */
import { encodeModel, type OnnxNode } from "../onnx/model.ts";
import type { KernelGap } from "../tensor/index.ts";
import { createSession, type SessionOptions } from "./session.ts";

/** How graphs are written for a provider: the options of `compile` that depend on it. */
export interface Dialect {
  /** Whether it has ONNX Runtime's `com.microsoft` operators. */
  contrib: boolean;
  /** Channels in a block, if the provider convolves pictures in blocks of channels; otherwise 0. */
  blockSize: number;
  /** What its kernels cannot do. */
  gaps: readonly KernelGap[];
}

/** Only ONNX's own operators: for models that are used outside of the project. */
export const PLAIN: Dialect = { contrib: false, blockSize: 0, gaps: [] };

/** Found by running every operator of the table on two software adapters (1.30). */
const GAPS: Readonly<Record<string, readonly KernelGap[]>> = {
  webgpu: ["many-outputs", "uneven-groups", "pool-places"],
};

const known = new Map<string, Promise<Dialect>>();

/** The dialect of a provider on this machine, determined once in a process. */
export function dialectOf({ provider = "cpu" }: Pick<SessionOptions, "provider"> = {}): Promise<Dialect> {
  let dialect = known.get(provider);
  if (dialect === undefined) {
    // Other providers would leave the blocks to the CPU, and copy pictures there and back.
    const blocks = provider === "cpu" ? probeBlockSize(provider) : Promise.resolve(0);
    dialect = blocks.then((blockSize) => ({ contrib: true, blockSize, gaps: GAPS[provider] ?? [] }));
    known.set(provider, dialect);
  }
  return dialect;
}

/** Four channels, converted to blocks, fill one block: the result has its length. */
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
