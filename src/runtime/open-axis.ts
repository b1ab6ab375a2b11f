/** The open axis of a program: the size that its inputs give it, and shapes with that size. */
import type { Program } from "../tensor/compile.ts";
import { type Shape, sizeOf, type TensorData } from "../tensor/tensor.ts";

type Axes = Pick<Program, "inputs" | "symbolic">;

const isOpen = (size: number, { symbolic }: Axes) =>
  symbolic !== undefined && size !== 0 && size % symbolic.size === 0;

/**
 * The size of the open axis in these inputs. If they have none it is 1, which the check of their sizes
 * refuses.
 */
export function openSize(program: Axes, feeds: Readonly<Record<string, TensorData>>): number {
  const open = program.inputs.find(({ shape }) => shape.some((size) => isOpen(size, program)));
  if (open === undefined) return 1;
  const size = (feeds[open.name]?.length ?? 0) / (sizeOf(open.shape) / program.symbolic!.size);
  return Number.isInteger(size) && size > 0 ? size : 1;
}

/** A declared shape with `size` on its open axes. */
export function closedShape(shape: Shape, program: Axes, size: number): number[] {
  return shape.map((axis) => (isOpen(axis, program) ? (axis / program.symbolic!.size) * size : axis));
}
