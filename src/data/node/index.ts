/** Opening pictures by path, on Node. */
export { cacheRoot } from "./cache-place.ts";
export { decodePicture } from "./decode-picture.ts";
export type { Colour } from "./masks/file-palette.ts";
export { type OpenMasks, type OpenMasksOptions, openMasks } from "./masks/open-masks.ts";
export { type Mask, type MaskOptions, readMask } from "./masks/read-mask.ts";
export {
  type ChooseCanvas,
  type OpenOptions,
  type OpenPicturesOptions,
  openPictures,
  type Split,
} from "./open-pictures.ts";
