import { optionValues } from "../options/option-name.ts";

/** `1 minute`, `28 minutes`, `0.5 minutes`. */
export function minutesText(minutes: number): string {
  return `${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
}

/** `about 28 minutes on this machine`; beyond an hour, also what makes it shorter. */
export function durationText(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes <= 60) return `about ${minutesText(minutes)} on this machine`;
  const hours = Math.round(minutes / 6) / 10;
  return `about ${hours} hours on this machine; ${optionValues({ minutes: 30 })} chooses a run of half an hour`;
}
