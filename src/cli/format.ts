/** Numbers as people read them. */

/** `1,234,567`. */
export function formatCount(count: number): string {
  return `${Math.round(count)}`.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** "1 picture", "1,200 pictures"; `many` is for plurals that are not formed with s. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A share as `81.2 %`. */
export function formatPercent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** A share and its standard error as `81.2 % ± 1.6`; only the share if the error is not known. */
export function formatShare(share: number, error: number | undefined): string {
  const percent = formatPercent(share);
  return error === undefined ? percent : `${percent} ± ${(100 * error).toFixed(1)}`;
}

/** `4s`, `2m 05s`, `3h 07m`, `2d 04h`: the two largest units. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${padded(whole % 60)}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h ${padded(Math.floor(whole / 60) % 60)}m`;
  return `${Math.floor(whole / 86_400)}d ${padded(Math.floor(whole / 3600) % 24)}h`;
}

/** Four significant digits at most for a loss: `3.214`, `0.0512`, `12.35`. */
export function formatLoss(loss: number): string {
  return Number.isFinite(loss) ? `${Number(loss.toPrecision(4))}` : `${loss}`;
}

/** A number with so many significant digits at most, but all of those before the point: `3.142`, `12346`. */
export function formatNumber(value: number, digits = 4): string {
  return Math.abs(value) >= 10 ** digits ? `${Math.round(value)}` : `${Number(value.toPrecision(digits))}`;
}

function padded(count: number): string {
  return `${count}`.padStart(2, "0");
}
