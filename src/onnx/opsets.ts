import { IR_VERSIONS } from "./operators.ts";

/**
 * The versions of ONNX's operator set that graphs can be written in: from the one that brought LayerNormalization to the
 * newest that every provider we run on knows.
 */
export const OPSETS = { oldest: 17, newest: 21 } as const;

/** The version of the file format that came with an operator set; runtimes refuse newer ones than their own. */
export function irVersionOf(opset: number): number {
  return new Map(Object.entries<number>(IR_VERSIONS)).get(`${opset}`) ?? IR_VERSIONS[OPSETS.newest];
}
