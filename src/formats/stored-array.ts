import type { ArrayDtype, NamedArray } from "./named-array.ts";

/** An array in a file, of which only type and shape have been read. */
export interface StoredArray {
  readonly dtype: ArrayDtype;
  readonly shape: readonly number[];
  /**
   * Reads the elements.
   *
   * @throws AfterimageError `data/format` when the file does not hold what it promises.
   */
  load(): NamedArray;
}
