/** Arrays, and the formats of files that hold them: pure functions between bytes and arrays. */
export { type CifarKind, type CifarPictures, cifarKindOf, decodeCifar } from "./cifar.ts";
export { type FeatureRows, featuresParquet } from "./features-parquet.ts";
export { decodeIdx, decodeIdxLabels, decodeIdxPictures, type IdxArray } from "./idx.ts";
export type { Matrix } from "./matrix.ts";
export type { ArrayDtype, NamedArray, NamedArrays, TypedArray } from "./named-array.ts";
export { decodeNpy, encodeNpy } from "./npy.ts";
export { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
