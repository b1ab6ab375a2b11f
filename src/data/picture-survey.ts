import type { PictureDataset } from "./picture-dataset.ts";

/** Facts about pictures that are known before they are decoded. */
export interface PictureSurvey {
  /** The number of pictures. */
  pictures: number;
  /** The median of their shorter sides, in pixels; null if it cannot be known. */
  side: number | null;
}

/** The median of some numbers, of two middle ones the lower; null for an empty list. */
export function medianOf(numbers: ArrayLike<number>): number | null {
  const sorted = Array.from(numbers).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

/** The survey of pictures that are open; their sizes are those on their canvases. */
export function surveyDataset({ size, heights, widths }: PictureDataset): PictureSurvey {
  return { pictures: size, side: medianOf(heights.map((height, i) => Math.min(height, widths[i]!))) };
}

/** The survey of all parts together. */
export function joinSurveys(surveys: readonly PictureSurvey[]): PictureSurvey {
  return {
    pictures: surveys.reduce((sum, { pictures }) => sum + pictures, 0),
    side: medianOf(surveys.flatMap(({ side }) => side ?? [])),
  };
}
