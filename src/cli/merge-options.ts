/**
 * Merges options from several places; later ones override earlier ones. Settings within one option are merged
 * one by one.
 */
export function mergeOptions<T extends object>(...all: readonly Partial<T>[]): Partial<T> {
  const merged: Record<string, unknown> = {};
  for (const [name, value] of all.flatMap((options) => Object.entries<unknown>(options))) {
    const before = merged[name];
    merged[name] = isHolder(before) && isHolder(value) ? { ...before, ...value } : value;
  }
  return merged as Partial<T>;
}

function isHolder(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
