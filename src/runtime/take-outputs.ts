/** Checks a session's outputs against its program's declarations. */
import { AfterimageError } from "../errors.ts";
import type { Program, ProgramInput } from "../tensor/compile.ts";
import type { TensorData } from "../tensor/tensor.ts";
import { closedShape } from "./open-axis.ts";

/** The parts of ONNX Runtime's tensors that are checked. */
interface Given {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

/** The program that ran, for errors. */
export interface Ran {
  /** The size of the open axis. */
  openSize: number;
  provider: string;
}

/**
 * The data of every output. A provider with a faulty kernel may return another shape without an error. So
 * shapes and types are compared, which takes a few comparisons of integers.
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
