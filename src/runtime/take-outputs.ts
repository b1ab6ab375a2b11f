/** Outputs of a session, held against what its program declares. */
import { AfterimageError } from "../errors.ts";
import type { Program, ProgramInput } from "../tensor/compile.ts";
import type { TensorData } from "../tensor/tensor.ts";
import { closedShape } from "./open-axis.ts";

/** What is looked at of ONNX Runtime's tensors. */
interface Given {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

/** What ran, for the error. */
export interface Ran {
  /** The size of the open axis. */
  openSize: number;
  provider: string;
}

/**
 * The data of every output. A provider whose kernel is wrong may give another shape without an error: shapes
 * and types are compared, which costs a few comparisons of integers.
 *
 * @throws AfterimageError `runtime/run` naming the output and the operator that makes it.
 */
export function takeOutputs(
  program: Program,
  given: Readonly<Record<string, Given>>,
  ran: Ran,
): Record<string, TensorData> {
  return Object.fromEntries(
    program.outputs.map((output) => {
      const shape = closedShape(output.shape, program, ran.openSize);
      const tensor = given[output.name];
      const fits = tensor?.type === output.dtype && `${tensor.dims}` === `${shape}`;
      if (!fits) throw otherThanDeclared(program, { ...output, shape }, tensor, ran.provider);
      return [output.name, tensor.data as TensorData];
    }),
  );
}

function otherThanDeclared(
  { model }: Program,
  { name, dtype, shape }: ProgramInput,
  got: Given | undefined,
  provider: string,
): AfterimageError {
  const maker = model.nodes.find(({ outputs }) => outputs.includes(name));
  return new AfterimageError("runtime/run", {
    what: `ONNX Runtime returned an output of another type or shape than the graph "${model.name}" declares`,
    where: `output ${name}${maker === undefined ? "" : `, made by ${maker.operator}`}, on ${provider}`,
    expected: `${dtype}[${shape}]`,
    got: got === undefined ? "no output" : `${got.type}[${got.dims}]`,
    todo: "This is a fault of the provider. Choose another one, or another version of ONNX Runtime.",
  });
}
