/** A colour jitter as numbers for a fixed chain: three slots, the hue shift, three slots. */
import type { JitterDraw, JitterPart } from "./draw-view.ts";

/** Brightness, contrast and saturation may all come before the hue shift, or all after it. */
export const SLOTS_PER_SIDE = 3;
export const SLOT_COUNT = 2 * SLOTS_PER_SIDE;

/** The factors of the picture, of each pixel's grey, and of the picture's mean grey. */
export type Slot = readonly [number, number, number];

const IDENTITY: Slot = [1, 0, 0];

export interface JitterSlots {
  slots: Slot[];
  /**
   * In the slot before the hue shift: the factors of the picture with its hue shifted by 1/3 and by 2/3 of a
   * turn.
   */
  turns: readonly [number, number];
  /** The rest of the hue shift, in sixths of a turn: 0 to 1, and its sign. */
  hueShift: number;
  hueSign: number;
}

/**
 * Operations before the hue shift are put in the last slots before it, later ones in the first slots after
 * it.
 */
export function jitterSlots(jitter: JitterDraw): JitterSlots {
  const slots = new Array<Slot>(SLOT_COUNT).fill(IDENTITY);
  const found = jitter.findIndex(({ part }) => part === "hue");
  const hueAt = found < 0 ? jitter.length : found;
  for (const [index, { part, value }] of jitter.entries()) {
    if (part === "hue") continue;
    slots[SLOTS_PER_SIDE + index - hueAt - (index > hueAt ? 1 : 0)] = slotOf(part, value);
  }
  return withHue(slots, jitter[found]?.value ?? 0);
}

function slotOf(part: Exclude<JitterPart, "hue">, value: number): Slot {
  switch (part) {
    case "brightness":
      return [value, 0, 0];
    case "saturation":
      return [value, 1 - value, 0];
    case "contrast":
      return [value, 0, 1 - value];
  }
}

/**
 * A shift by a third of a turn only exchanges channels, which the slot before does. At most a sixth remains.
 */
function withHue(slots: Slot[], hue: number): JitterSlots {
  const thirds = Math.round(3 * hue);
  const shift = 6 * hue - 2 * thirds;
  const turn = ((thirds % 3) + 3) % 3;
  const [scale, toGrey, toMean] = slots[SLOTS_PER_SIDE - 1]!;
  slots[SLOTS_PER_SIDE - 1] = [turn === 0 ? scale : 0, toGrey, toMean];
  return {
    slots,
    turns: [turn === 1 ? scale : 0, turn === 2 ? scale : 0],
    hueShift: Math.abs(shift),
    hueSign: shift < 0 ? -1 : 1,
  };
}
