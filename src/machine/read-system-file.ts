import { readFileSync } from "node:fs";

/** Reads one of the files by which Linux tells of itself; empty where there is none. */
export type ReadSystemFile = (path: string) => string;

export const readSystemFile: ReadSystemFile = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};
