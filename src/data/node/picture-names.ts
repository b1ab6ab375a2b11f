/** Endings of picture names. Whether a file is a picture is decided by its contents. */
export const PICTURE_EXTENSIONS = [
  "jpg",
  "jpeg",
  "jpe",
  "jfif",
  "png",
  "webp",
  "avif",
  "tif",
  "tiff",
  "gif",
  "svg",
];

export const PICTURE_NAME = new RegExp(`\\.(?:${PICTURE_EXTENSIONS.join("|")})$`, "i");
