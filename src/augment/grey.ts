/** ITU-R 601 weights of red, green and blue, as rounded in torchvision's `rgb_to_grayscale`. */
export const LUMA = [0.2989, 0.587, 0.114] as const;

/** Row-major 3×3 matrices: the identity, and each pixel's grey in all three channels. */
export const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1] as const;
export const TO_GREY = [...LUMA, ...LUMA, ...LUMA] as const;
