/** Tensors with a row for each view of each picture, as wholes of a batch and as parts of it. */
import type { BatchPart } from "../data/loader.ts";
import type { Results } from "../runtime/session.ts";
import type { ProgramInput } from "../tensor/compile.ts";
import { sizeOf } from "../tensor/index.ts";

/** How many views there are, and the elements of a row. */
interface Layout {
  views: number;
  width: number;
}

/** Rows are view-major: `[V·B, …]` in the whole, `[V·b, …]` in a part, float32. */
export class RowsByView {
  /** By name, for all pictures of the batch. */
  readonly whole: Record<string, Float32Array> = {};
  readonly #batchSize: number;
  readonly #layouts = new Map<string, Layout>();

  /**
   * @param described the tensors of a part: name and shape, `[V·b, …]`.
   * @param partSize b
   * @param batchSize B
   * @param whole values of the batch; zeros if left out.
   */
  constructor(
    described: readonly Pick<ProgramInput, "name" | "shape">[],
    { partSize, batchSize }: { partSize: number; batchSize: number },
    whole: Results = {},
  ) {
    this.#batchSize = batchSize;
    for (const { name, shape } of described) {
      const layout = { views: shape[0]! / partSize, width: sizeOf(shape.slice(1)) };
      this.#layouts.set(name, layout);
      this.whole[name] =
        (whole[name] as Float32Array) ?? new Float32Array(layout.views * batchSize * layout.width);
    }
  }

  /** Puts the rows of a part in their places. */
  put(part: Results, { start, indices }: Pick<BatchPart, "start" | "indices">): void {
    for (const [name, layout] of this.#layouts) {
      for (const { inPart, inWhole, length } of this.#stretches(layout, start, indices.length)) {
        const rows = (part[name] as Float32Array).subarray(inPart, inPart + length);
        this.whole[name]!.set(rows, inWhole);
      }
    }
  }

  /** The rows of a part. */
  partOf({ start, indices }: Pick<BatchPart, "start" | "indices">): Record<string, Float32Array> {
    const part: Record<string, Float32Array> = {};
    for (const [name, layout] of this.#layouts) {
      part[name] = new Float32Array(layout.views * indices.length * layout.width);
      for (const { inPart, inWhole, length } of this.#stretches(layout, start, indices.length))
        part[name].set(this.whole[name]!.subarray(inWhole, inWhole + length), inPart);
    }
    return part;
  }

  /** Where each view's rows lie, in elements. */
  #stretches({ views, width }: Layout, start: number, count: number) {
    return Array.from({ length: views }, (_, view) => ({
      inPart: view * count * width,
      inWhole: (view * this.#batchSize + start) * width,
      length: count * width,
    }));
  }
}
