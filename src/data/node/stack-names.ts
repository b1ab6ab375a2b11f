/**
 * Files that hold many pictures each, by their names: IDX (the MNIST family) and the binary files of CIFAR.
 */
import type { Part } from "./split.ts";

/** "train-images-idx3-ubyte.gz", "t10k-images.idx3-ubyte", "emnist-letters-test-images-idx3-ubyte" … */
const IDX_PICTURES = /^(?:.+-)?(train|t10k|test)-images[-.]idx3-ubyte(?:\.gz)?$/;
const CIFAR_BATCH = /^(?:data_batch_[1-5]|test_batch)\.bin$/;
const CIFAR_100 = /^(?:train|test)\.bin$/;

/** The part that a file of IDX pictures holds, by its name; null for any other file. */
export function idxPartOf(name: string): Part | null {
  const part = IDX_PICTURES.exec(name)?.[1];
  return part === undefined ? null : part === "train" ? "train" : "test";
}

/** The files of IDX pictures among the names in a folder. */
export function idxNames(names: readonly string[]): string[] {
  return names.filter((name) => idxPartOf(name) !== null);
}

/** The CIFAR files among the names in a folder, in order; where there are batches, only those. */
export function cifarNames(names: readonly string[]): string[] {
  const batches = names.filter((name) => CIFAR_BATCH.test(name)).sort();
  return batches.length > 0 ? batches : names.filter((name) => CIFAR_100.test(name)).sort();
}

/** The part that a CIFAR file holds. */
export function cifarPartOf(name: string): Part {
  return name.startsWith("test") ? "test" : "train";
}
