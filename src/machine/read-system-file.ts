import { readFileSync } from "node:fs";

/** Reads one of the files in which Linux describes the system; empty if it does not exist. */
export type ReadSystemFile = (path: string) => string;

export const readSystemFile: ReadSystemFile = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};
