/** What a picture's name may end with; whether it is one, its contents decide. */
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
