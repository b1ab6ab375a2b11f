import { colourSlot } from "./colour-slot.ts";
import { type JitterPart, jitterParts } from "./draw-view.ts";
import { hueShift } from "./hue.ts";
import { SLOTS_PER_SIDE } from "./jitter-slots.ts";
import type { JitterSpec } from "./view-spec.ts";
import type { ViewStep } from "./view-step.ts";

/** Beyond a sixth of a turn, the slot before the hue shift exchanges channels. */
const LARGEST_SHIFT = 1 / 6;

/**
 * The chain of a colour jitter in any order. It has as many slots before the hue shift as there are other
 * operations, and as many after it. Operations that a jitter does not have cost nothing.
 */
export function jitterSteps(jitter: JitterSpec | null): readonly ViewStep[] {
  const parts: readonly JitterPart[] = jitterParts(jitter);
  const hasContrast = parts.includes("contrast");
  const others = parts.filter((part) => part !== "hue").length;
  const slots = (first: number, count: number) =>
    Array.from({ length: count }, (_, i) => colourSlot(first + i, hasContrast));
  if (jitter === null || others === parts.length) return slots(SLOTS_PER_SIDE - others, others);
  const before = Math.max(others, jitter.hue > LARGEST_SHIFT ? 1 : 0);
  return [...slots(SLOTS_PER_SIDE - before, before), hueShift, ...slots(SLOTS_PER_SIDE, others)];
}
