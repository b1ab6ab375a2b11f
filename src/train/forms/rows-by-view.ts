/** Tensors with a row for each view of each picture, for a whole batch and for its parts. */
import type { Results } from "../../runtime/session.ts";
import type { ProgramInput } from "../../tensor/compile.ts";
import { emptyArray, sizeOf, type TensorData } from "../../tensor/index.ts";

/** The number of views, and the elements of a row. */
interface Layout {
  views: number;
  width: number;
  dtype: ProgramInput["dtype"];
}

/** Rows are view-major: `[V·B, …]` in the whole, `[V·b, …]` in a part. Types are kept. */
export class RowsByView {
  /** Tensors by name, for all pictures of the batch. */
  readonly whole: Record<string, TensorData> = {};
  readonly #batchSize: number;
  readonly #layouts = new Map<string, Layout>();

  /**
   * @param described the tensors of a part: name, type and shape, `[V·b, …]`.
   * @param partSize b
   * @param batchSize B
   * @param whole values of the batch; zeros by default.
   */
  constructor(
    described: readonly Pick<ProgramInput, "name" | "shape" | "dtype">[],
    { partSize, batchSize }: { partSize: number; batchSize: number },
    whole: Results = {},
  ) {
    this.#batchSize = batchSize;
    for (const { name, shape, dtype } of described) {
      const layout = { views: shape[0]! / partSize, width: sizeOf(shape.slice(1)), dtype };
      this.#layouts.set(name, layout);
      this.whole[name] = whole[name] ?? emptyArray(dtype, layout.views * batchSize * layout.width);
    }
  }

  /** Writes the rows of `count` pictures, beginning with the picture `start` of the batch. */
  put(part: Readonly<Record<string, TensorData>>, start: number, count: number): void {
    for (const [name, layout] of this.#layouts)
      for (const { inPart, inWhole, length } of this.#stretches(layout, start, count))
        copy(part[name]!, inPart, this.whole[name]!, inWhole, length);
  }

  /** The rows of `count` pictures, beginning with the picture `start` of the batch. */
  partOf(start: number, count: number): Record<string, TensorData> {
    const part: Record<string, TensorData> = {};
    for (const [name, layout] of this.#layouts) {
      part[name] = emptyArray(layout.dtype, layout.views * count * layout.width);
      for (const { inPart, inWhole, length } of this.#stretches(layout, start, count))
        copy(this.whole[name]!, inWhole, part[name], inPart, length);
    }
    return part;
  }

  /** The range of each view's rows, in elements. */
  #stretches({ views, width }: Layout, start: number, count: number) {
    return Array.from({ length: views }, (_, view) => ({
      inPart: view * count * width,
      inWhole: (view * this.#batchSize + start) * width,
      length: count * width,
    }));
  }
}

/** Both arrays are of one type. */
function copy(from: TensorData, at: number, to: TensorData, place: number, length: number): void {
  (to as Float32Array).set((from as Float32Array).subarray(at, at + length), place);
}
