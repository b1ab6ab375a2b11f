/**
 * Pictures to learn from, and batches of them. `afterimage/data/node` opens them by path. The names from
 * `afterimage/formats` are exported here too.
 */
export { cifarKindOf, decodeCifar } from "../formats/cifar.ts";
export { decodeIdx, decodeIdxLabels, decodeIdxPictures } from "../formats/idx.ts";
export type { Matrix } from "../formats/matrix.ts";
export type { ArrayDtype, NamedArray, NamedArrays, TypedArray } from "../formats/named-array.ts";
export { decodeNpy, encodeNpy } from "../formats/npy.ts";
export { decodeSafetensors, encodeSafetensors } from "../formats/safetensors.ts";
export { fitMask, type LabelMap } from "./fit-mask.ts";
export { type LabelSubsetOptions, type LabelSubsetSize, labelSubset } from "./label-subset.ts";
export { linkedGroups } from "./linked-groups.ts";
export { type Batch, type BatchOptions, batches, epochOrder } from "./loader.ts";
export { type MemoryPictures, memoryDataset } from "./memory-dataset.ts";
export { pairMasks } from "./pair-masks.ts";
export { canvasBytes, makeDataset, type PictureDataset, type SkippedPicture } from "./picture-dataset.ts";
export type { TargetArrays } from "./read-targets.ts";
export { stackDataset } from "./stack-dataset.ts";
export { subset } from "./subset.ts";
export { LABEL, type MaskSource, type TargetColumn, type Targets, type WantedTarget } from "./targets.ts";
export { type ValidationSplit, type ValidationSplitOptions, validationSplit } from "./validation-split.ts";
export { withTargets } from "./with-targets.ts";
export type { LabelColumns, WrittenLabels, WrittenRow } from "./written-labels.ts";
