/** Opening files and folders of weights. */
export { type FileBytes, openFileBytes } from "./file-bytes.ts";
export { type OpenWeights, openWeights } from "./open-weights.ts";
