/** Arrays, and the formats of files that hold them: pure functions between bytes and arrays. */
export { type ByteSource, bytesInMemory } from "./byte-source.ts";
export { type CifarKind, type CifarPictures, cifarKindOf, decodeCifar } from "./cifar.ts";
export { type FeatureRows, featuresParquet } from "./features-parquet.ts";
export { floatsOf } from "./floats-of.ts";
export { decodeIdx, decodeIdxLabels, decodeIdxPictures, type IdxArray } from "./idx.ts";
export type { Matrix } from "./matrix.ts";
export type { ArrayDtype, NamedArray, NamedArrays, TypedArray } from "./named-array.ts";
export { decodeNpy, encodeNpy } from "./npy.ts";
export { PickleRecord } from "./pickle.ts";
export { decodeSafetensors, encodeSafetensors, indexSafetensors } from "./safetensors.ts";
export type { StoredArray } from "./stored-array.ts";
export { decodeTorch, isTorchFile, type TorchFile, TorchTensor } from "./torch-file.ts";
