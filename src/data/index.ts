/** Pictures to learn from, how they are batched, and files of arrays. Readers of files are in `afterimage/data/node`. */
export { cifarKindOf, decodeCifar } from "./cifar.ts";
export { decodeIdx, decodeIdxLabels, decodeIdxPictures } from "./idx.ts";
export { type Batch, type BatchOptions, batches, epochOrder } from "./loader.ts";
export type { Matrix } from "./matrix.ts";
export { type MemoryPictures, memoryDataset } from "./memory-dataset.ts";
export type { ArrayDtype, NamedArray, NamedArrays, TypedArray } from "./named-array.ts";
export { decodeNpy, encodeNpy } from "./npy.ts";
export { canvasBytes, makeDataset, type PictureDataset, type SkippedPicture } from "./picture-dataset.ts";
export { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
export { stackDataset } from "./stack-dataset.ts";
export { subset } from "./subset.ts";
