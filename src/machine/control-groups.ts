/**
 * Limits of Linux's control groups. Containers, systemd and batch systems use them to limit processes to a
 * share of the machine. A process is limited by its own group and by every group around it.
 */
import { posix } from "node:path";
import type { ReadSystemFile } from "./read-system-file.ts";

/** The names and files of a version of control groups. */
interface Version {
  /** The type of its file system in /proc/self/mountinfo. */
  fileSystem: string;
  /** Whether a line of /proc/self/cgroup, or the options of a mount, are about a resource. */
  controls(controllers: string, resource: "memory" | "cpu"): boolean;
  limits: readonly string[];
  used: string;
  /** The entry in memory.stat for pages of files, which the system releases when memory is needed. */
  files: RegExp;
  /**
   * Files with the processor time that a group may use and the period that this refers to; or one file with
   * both.
   */
  quota: readonly string[];
}

const VERSIONS: readonly Version[] = [
  {
    fileSystem: "cgroup2",
    controls: () => true,
    quota: ["cpu.max"],
    limits: ["memory.max", "memory.high"],
    used: "memory.current",
    files: /^(?:in)?active_file (\d+)$/gm,
  },
  {
    fileSystem: "cgroup",
    controls: (controllers, resource) => controllers.split(",").includes(resource),
    quota: ["cpu.cfs_quota_us", "cpu.cfs_period_us"],
    limits: ["memory.limit_in_bytes"],
    used: "memory.usage_in_bytes",
    files: /^total_(?:in)?active_file (\d+)$/gm,
  },
];

/** The remaining bytes of each control group that has a limit and contains this process. */
export function controlGroupRooms(read: ReadSystemFile): number[] {
  return VERSIONS.flatMap((version) =>
    groupFolders(version, "memory", read).flatMap((folder) => roomIn(folder, version, read)),
  );
}

/** The processors, as a fraction too, that each control group with a limit leaves to this process. */
export function controlGroupProcessors(read: ReadSystemFile): number[] {
  return VERSIONS.flatMap((version) =>
    groupFolders(version, "cpu", read).flatMap((folder) => {
      const text = version.quota.map((file) => read(posix.join(folder, file)).trim()).join(" ");
      const [, quota, period] = /^(\d+) (\d+)$/.exec(text) ?? [];
      return Number(period) > 0 ? [Number(quota) / Number(period)] : [];
    }),
  );
}

function roomIn(folder: string, { limits, used, files }: Version, read: ReadSystemFile): number[] {
  const number = (file: string) => /^\d+$/m.exec(read(posix.join(folder, file)))?.[0];
  const taken = number(used);
  const found = limits.flatMap((file) => number(file) ?? []);
  if (taken === undefined || found.length === 0) return [];
  const stat = read(posix.join(folder, "memory.stat"));
  const reclaimable = [...stat.matchAll(files)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  return [Math.min(...found.map(Number)) - Number(taken) + reclaimable];
}

/** The folders of this process's group and of those around it, innermost first. */
function groupFolders(version: Version, resource: "memory" | "cpu", read: ReadSystemFile): string[] {
  const bound = { ...version, controls: (controllers: string) => version.controls(controllers, resource) };
  const mount = findMount(bound, read("/proc/self/mountinfo"));
  const group = findGroup(bound, read("/proc/self/cgroup"));
  if (mount === null || group === null) return [];
  // In a container the path may be that of the host, and the mount may show only this group.
  const path = posix.relative(mount.root, group);
  const names = path.startsWith("..") ? [] : path.split("/").filter(Boolean);
  return Array.from({ length: names.length + 1 }, (_, up) =>
    posix.join(mount.folder, ...names.slice(0, names.length - up)),
  );
}

/** The parts of a version that concern one resource. */
interface Bound extends Pick<Version, "fileSystem"> {
  controls(controllers: string): boolean;
}

/** Lines such as `35 31 0:32 /root /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory`. */
function findMount({ fileSystem, controls }: Bound, mountinfo: string) {
  for (const line of mountinfo.split("\n")) {
    const [mount = "", kind = ""] = line.split(" - ");
    const [name, , options = ""] = kind.split(" ");
    const [, , , root, folder] = mount.split(" ");
    if (name === fileSystem && controls(options) && root !== undefined && folder !== undefined)
      return { root, folder };
  }
  return null;
}

/** Lines such as `0::/user.slice` of version 2 and `4:memory:/user.slice` of version 1. */
function findGroup({ fileSystem, controls }: Bound, cgroup: string): string | null {
  for (const line of cgroup.split("\n")) {
    const [hierarchy, controllers, ...path] = line.split(":");
    const isSecond = hierarchy === "0" && controllers === "";
    if (isSecond === (fileSystem === "cgroup2") && controls(controllers ?? "") && path.length > 0)
      return path.join(":");
  }
  return null;
}
