/**
 * Node's words before a TypeScript file of this project: the library is its sources, not what was built of
 * them.
 */
export const RUN_SOURCE = ["--conditions=source", "--import", import.meta.resolve("tsx")] as const;
