import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * Identifies the builder of a cache: the machine, its start, the process and the build within the process. It
 * is a part of the name of the folder being filled, so that others can distinguish a build in progress from
 * one whose process has ended.
 */
export interface BuildOwner {
  /** The machine's name, hashed. */
  host: string;
  /** The machine's last start; empty if the system does not provide it. */
  boot: string;
  /**
   * The space in which process numbers are valid (containers have their own); empty if there is only one.
   */
  space: string;
  /**
   * The process number, with the time the process began if the system provides it, because numbers are used
   * again.
   */
  process: string;
  build: string;
}

const FIELDS = ["host", "boot", "space", "process", "build"] as const;

/** The builds in progress in this process. */
const ongoing = new Set<string>();
let begun = 0;

/** Begins a build in this process; {@link endBuild} must follow. */
export function beginBuild(): BuildOwner {
  begun++;
  ongoing.add(String(begun));
  return { ...thisProcess(), build: String(begun) };
}

/** Ends a build: other builds may take over its files. */
export function endBuild(owner: BuildOwner): void {
  ongoing.delete(owner.build);
}

/** The owner as a part of a file name. */
export function formatOwner(owner: BuildOwner): string {
  return FIELDS.map((field) => owner[field]).join(".");
}

/** Reads what {@link formatOwner} wrote; `null` for anything else. */
export function parseOwner(text: string): BuildOwner | null {
  const parts = text.split(".");
  if (parts.length !== FIELDS.length) return null;
  return Object.fromEntries(FIELDS.map((field, i) => [field, parts[i]!])) as unknown as BuildOwner;
}

/**
 * Whether the build's process has ended (or, in this process, the build). `null` if that cannot be known,
 * because it runs on another machine or in another container.
 */
export function isGone(owner: BuildOwner): boolean | null {
  const here = thisProcess();
  if (owner.host !== here.host) return null;
  if (owner.boot !== here.boot) return true; // no process outlives its machine's restart
  if (owner.space !== here.space) return null;
  if (owner.process === here.process) return !ongoing.has(owner.build);
  return processTag(Number.parseInt(owner.process, 10)) !== owner.process;
}

function thisProcess(): Omit<BuildOwner, "build"> {
  return {
    host: shortHash(hostname()),
    boot: shortHash(ifReadable(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"))),
    space: shortHash(ifReadable(() => readlinkSync("/proc/self/ns/pid"))),
    process: processTag(process.pid) ?? String(process.pid),
  };
}

/**
 * Identifies the process that has a number, as distinct from earlier ones of the same number if possible;
 * `null` if there is none.
 */
function processTag(pid: number): string | null {
  if (!(pid > 0) || !isRunning(pid)) return null;
  // Linux: "pid (name) state … starttime …"; the name may hold anything, so the fields are counted from its
  // end.
  const fields = ifReadable(() => readFileSync(`/proc/${pid}/stat`, "utf8"))
    .replace(/^.*\) /s, "")
    .split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return null; // ended, its number not yet given back
  return fields[19] === undefined ? String(pid) : `${pid}-${fields[19]}`;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // another user's
  }
}

function ifReadable(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

function shortHash(text: string): string {
  return text === "" ? "" : createHash("sha256").update(text).digest("hex").slice(0, 8);
}
