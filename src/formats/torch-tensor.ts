/** Tensors of a PyTorch file: windows on storages, which are read only when a tensor is. */
import { AfterimageError } from "../errors.ts";
import type { ByteSource } from "./byte-source.ts";
import {
  ARRAY_TYPES,
  type ArrayDtype,
  elementCount,
  type NamedArray,
  type TypedArray,
  viewAs,
} from "./named-array.ts";
import type { StoredArray } from "./stored-array.ts";

/** Elements one after the other, which several tensors may share. */
export class TorchStorage {
  readonly dtype: ArrayDtype;
  readonly #content: () => ByteSource;

  /** @param content the bytes, which a legacy file tells only after its tensors. */
  constructor(dtype: ArrayDtype, content: () => ByteSource) {
    this.dtype = dtype;
    this.#content = content;
  }

  /** The same bytes as elements of another type. */
  as(dtype: ArrayDtype): TorchStorage {
    return new TorchStorage(dtype, this.#content);
  }

  get length(): number {
    return Math.floor(this.#content().length / ARRAY_TYPES[this.dtype].BYTES_PER_ELEMENT);
  }

  /** The elements [begin, end). */
  read(begin: number, end: number): TypedArray {
    const size = ARRAY_TYPES[this.dtype].BYTES_PER_ELEMENT;
    return viewAs(this.dtype, this.#content().read(begin * size, end * size));
  }
}

/** A window on a storage: element [i, j, …] is at offset + i·strides[0] + j·strides[1] + …. */
export interface TorchWindow {
  offset: number;
  shape: readonly number[];
  strides: readonly number[];
}

export class TorchTensor implements StoredArray {
  readonly dtype: ArrayDtype;
  readonly shape: readonly number[];
  readonly #storage: TorchStorage;
  readonly #window: TorchWindow;

  constructor(storage: TorchStorage, window: TorchWindow) {
    this.dtype = storage.dtype;
    this.shape = window.shape;
    this.#storage = storage;
    this.#window = window;
  }

  /**
   * The elements, row-major: a view of the file's bytes where they are in that order.
   *
   * @throws AfterimageError `data/format` when they are not within the storage, or are repeated there.
   */
  load(): NamedArray {
    const { dtype, shape } = this;
    const { offset, strides } = this.#window;
    this.#requireInside();
    const count = elementCount(shape);
    if (count === 0) return { dtype, shape, data: new ARRAY_TYPES[dtype](0) };
    if (isRowMajor(this.#window)) return { dtype, shape, data: this.#storage.read(offset, offset + count) };
    const all = this.#storage.read(offset, offset + this.#reach());
    return { dtype, shape, data: gathered(all, shape, strides) };
  }

  /** Elements of the storage from the first to the last of the window. */
  #reach(): number {
    const { shape, strides } = this.#window;
    return shape.reduce((sum, extent, axis) => sum + (extent - 1) * strides[axis]!, 1);
  }

  /** A tensor that repeats elements could be much larger than the file, and no checkpoint needs one. */
  #requireInside(): void {
    const { offset, shape } = this.#window;
    const count = elementCount(shape);
    if (count === 0 || (offset + this.#reach() <= this.#storage.length && count <= this.#reach())) return;
    throw new AfterimageError("data/format", {
      what: "a tensor lies about its elements",
      expected: `a window on ${this.#storage.length} elements`,
      got: `[${shape}] from element ${offset} on`,
    });
  }
}

/** Whether the elements follow each other. An axis of one element may have any stride. */
function isRowMajor({ shape, strides }: TorchWindow): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis]!;
  }
  return true;
}

function gathered(from: TypedArray, shape: readonly number[], strides: readonly number[]): TypedArray {
  const to = new (from.constructor as Float32ArrayConstructor)(elementCount(shape));
  const place = shape.map(() => 0);
  for (let i = 0, at = 0; i < to.length; i++) {
    to[i] = from[at] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      place[axis] = 0;
    }
  }
  return to;
}
