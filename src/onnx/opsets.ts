/**
 * The versions of ONNX's operator set that graphs can be written in: from the one that brought LayerNormalization to the
 * newest that every provider we run on knows.
 */
export const OPSETS = { oldest: 17, newest: 21 } as const;

/** The version of the file format that came with an operator set; runtimes refuse newer ones than their own. */
export function irVersionOf(opset: number): number {
  if (opset <= 18) return 8;
  return opset <= 20 ? 9 : 10;
}
