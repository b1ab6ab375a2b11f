/** Node's arguments before a TypeScript file of this project: the library is its sources, not the build. */
export const RUN_SOURCE = ["--conditions=source", "--import", import.meta.resolve("tsx")] as const;
