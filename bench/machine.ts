import { existsSync, readFileSync } from "node:fs";
import os from "node:os";

/** The facts without which a measurement means nothing. */
export interface Machine {
  cpu: string;
  /** Physical cores this process may use. */
  cores: number;
  memoryGiB: number;
  system: string;
  node: string;
}

export function machine(): Machine {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? "unknown",
    cores: physicalCores(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${systemName()} (${os.type()} ${os.release()}, ${os.arch()})`,
    node: process.version,
  };
}

/** Physical cores according to /proc, otherwise the processors that the system lets this process use. */
function physicalCores(): number {
  const available = os.availableParallelism();
  if (!existsSync("/proc/cpuinfo")) return available;
  const blocks = readFileSync("/proc/cpuinfo", "utf8").trim().split("\n\n");
  const core = (block: string) => ["physical id", "core id"].map((key) => field(block, key)).join("/");
  const distinct = new Set(blocks.map(core));
  return distinct.has("/") ? available : Math.min(available, distinct.size);
}

function field(block: string, key: string): string {
  return new RegExp(`^${key}\\s*:\\s*(.*)$`, "m").exec(block)?.[1] ?? "";
}

function systemName(): string {
  if (!existsSync("/etc/os-release")) return os.platform();
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? os.platform();
}

/**
 * The number of cores that other programs than this one and its peers keep busy from now on. It shows whether
 * times can be believed. Linux only.
 */
export class LoadWatch {
  readonly #start = readTicks();
  readonly #before = processTicks(process.pid);
  #own = 0;

  /**
   * Counts a process that was started later as ours. Call it once, while the process runs. Its children are
   * not counted.
   */
  count(pid: number): void {
    this.#own += processTicks(pid);
  }

  /** Cores that others use on average; undefined if the system does not tell. */
  others(): number | undefined {
    const end = readTicks();
    if (this.#start === undefined || end === undefined) return undefined;
    const own = this.#own + processTicks(process.pid) - this.#before;
    const elapsed = Math.max(1, end.total - this.#start.total);
    return (Math.max(0, end.busy - this.#start.busy - own) / elapsed) * os.cpus().length;
  }
}

function readTicks(): { busy: number; total: number } | undefined {
  if (!existsSync("/proc/stat")) return undefined;
  // cpu  user nice system idle iowait irq softirq steal
  const line = readFileSync("/proc/stat", "utf8").split("\n")[0]!;
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const total = ticks.reduce((sum, value) => sum + value, 0);
  return { busy: total - ticks[3]! - ticks[4]!, total };
}

function processTicks(pid: number): number {
  if (!existsSync(`/proc/${pid}/stat`)) return 0;
  // Fields 14 and 15 are user and system time, counted here from the closing bracket of the command (field
  // 2).
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return Number(fields[11]) + Number(fields[12]);
}
