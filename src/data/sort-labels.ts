/** Labels sorted by number if all are whole numbers, otherwise by code unit. */
export function sortLabels(labels: ReadonlySet<string>): string[] {
  const whole = [...labels].every((label) => /^-?\d{1,15}$/.test(label));
  if (!whole) return [...labels].sort();
  return [...labels].sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1)); // "1" and "01" are two labels
}
