import type { PictureDataset } from "./picture-dataset.ts";

/** What is known of pictures before they are decoded. */
export interface PictureSurvey {
  /** How many there are. */
  pictures: number;
  /** The median of their shorter sides, in pixels; null where it cannot be known. */
  side: number | null;
}

/** The middle of some numbers, the lower one of two; null of none. */
export function medianOf(numbers: ArrayLike<number>): number | null {
  const sorted = Array.from(numbers).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

/** Of pictures that are open: as large as they are on their canvases. */
export function surveyDataset({ size, heights, widths }: PictureDataset): PictureSurvey {
  return { pictures: size, side: medianOf(heights.map((height, i) => Math.min(height, widths[i]!))) };
}

/** Of all parts together. */
export function joinSurveys(surveys: readonly PictureSurvey[]): PictureSurvey {
  return {
    pictures: surveys.reduce((sum, { pictures }) => sum + pictures, 0),
    side: medianOf(surveys.flatMap(({ side }) => side ?? [])),
  };
}
