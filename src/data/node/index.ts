/** Opening pictures by path, on Node. */
export { cacheRoot } from "./cache-place.ts";
export { decodePicture } from "./decode-picture.ts";
export {
  type ChooseCanvas,
  type OpenOptions,
  type OpenPicturesOptions,
  openPictures,
  type Split,
} from "./open-pictures.ts";
