/**
 * When loaded into a process, kills it by SIGKILL just before it changes the folder AFTERIMAGE_KILL_IN for
 * the AFTERIMAGE_KILL_AT-th time, counted from 1.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const folder = process.env.AFTERIMAGE_KILL_IN!;
let left = Number(process.env.AFTERIMAGE_KILL_AT);

type Call = (...given: unknown[]) => unknown;

function killAt(owner: Record<string, Call>, name: string): void {
  const original = owner[name]!;
  owner[name] = (...given) => {
    const isReading = name.startsWith("open") && (given[1] ?? "r") === "r";
    const isThere = given.slice(0, 2).some((path) => typeof path === "string" && path.startsWith(folder));
    if (isThere && !isReading && --left === 0) process.kill(process.pid, "SIGKILL");
    return original(...given);
  };
}

for (const name of ["mkdirSync", "writeFileSync", "linkSync", "renameSync", "rmSync"])
  killAt(fs as unknown as Record<string, Call>, name);
for (const name of ["open", "rename", "rm"]) killAt(fs.promises as unknown as Record<string, Call>, name);
syncBuiltinESMExports();
