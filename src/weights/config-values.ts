/** Values of a configuration that another program wrote. */
const LONGEST_NAME = 100;

type Config = Readonly<Record<string, unknown>> | null;

/** A name, such as that of an architecture: longer text is none. */
export function configText(config: Config, key: string): string | undefined {
  const value = config?.[key];
  return typeof value === "string" && value.length <= LONGEST_NAME ? value : undefined;
}

export function configNumber(config: Config, key: string): number | undefined {
  const value = config?.[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/**
 * A number, `[height, width]`, `{ height, width }` or `{ shortest_edge }`: the side of a square, or
 * undefined.
 */
export function configSide(config: Config, key: string): number | undefined {
  const value = config?.[key];
  if (typeof value === "number") return value;
  if (Array.isArray(value)) return value.every((side) => side === value[0]) ? Number(value[0]) : undefined;
  const record = configRecord(config, key);
  const shortest = configNumber(record, "shortest_edge");
  if (shortest !== undefined) return shortest;
  const height = configNumber(record, "height");
  return height === configNumber(record, "width") ? height : undefined;
}

export function configRecord(config: Config, key: string): Readonly<Record<string, unknown>> | null {
  const value = config?.[key];
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? (value as Record<string, unknown>) : null;
}

/** Three numbers, by channel. */
export function configTriple(config: Config, key: string): [number, number, number] | undefined {
  const value = config?.[key];
  if (!Array.isArray(value) || value.length !== 3 || !value.every(Number.isFinite)) return undefined;
  return value as [number, number, number];
}
