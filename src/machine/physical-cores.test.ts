import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { countCores, physicalCores, usableProcessors } from "./physical-cores.ts";

/** `/proc/cpuinfo` of processors by [socket, core]. */
const cpuinfo = (...places: [number, number][]) =>
  places
    .map(
      ([socket, core], i) =>
        `processor\t: ${i}\nmodel name\t: X @ 2 GHz\nphysical id\t: ${socket}\ncore id\t\t: ${core}\ncpu cores\t: 4\n`,
    )
    .join("\n");
const allowed = (list: string) =>
  `Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${list}\nThreads:\t7\n`;

describe("countCores", () => {
  const twoThreads = cpuinfo([0, 0], [0, 1], [1, 0], [1, 1], [0, 0], [0, 1], [1, 0], [1, 1]);

  it.each([
    ["all processors", "0-7", 4],
    ["both threads of one core", "0,4", 1],
    ["one thread of each core of a socket", "0-1", 2],
  ])("counts the cores behind %s", (_name, list, count) => {
    expect(countCores(twoThreads, allowed(list))).toBe(count);
  });

  it("counts all cores where it is not told which are allowed", () => {
    expect(countCores(twoThreads, "")).toBe(4);
  });

  it("does not guess where the system does not tell cores", () => {
    expect(countCores("processor\t: 0\nBogoMIPS\t: 50.00\n", allowed("0"))).toBeNull();
    expect(countCores("", "")).toBeNull();
  });
});

describe("physicalCores", () => {
  it("is at least one and no more than the processors there are", () => {
    expect(physicalCores()).toBeGreaterThanOrEqual(1);
    expect(physicalCores()).toBeLessThanOrEqual(availableParallelism());
  });
});

describe("usableProcessors", () => {
  const SECOND = "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
  const FIRST = [
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
    "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
  ].join("\n");
  const inSystem = (files: Record<string, string>) => (path: string) => files[path] ?? "";

  it.each<[string, Record<string, string>, number]>([
    ["without limits", {}, availableParallelism()],
    [
      "in a container",
      {
        "/proc/self/mountinfo": SECOND,
        "/proc/self/cgroup": "0::/\n",
        "/sys/fs/cgroup/cpu.max": "100000 100000\n",
      },
      1,
    ],
    [
      "in a group within one that has less than a processor",
      {
        "/proc/self/mountinfo": SECOND,
        "/proc/self/cgroup": "0::/a/b\n",
        "/sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
        "/sys/fs/cgroup/a/cpu.max": "50000 100000\n",
      },
      1,
    ],
    [
      "in a group of the first version",
      {
        "/proc/self/mountinfo": FIRST,
        "/proc/self/cgroup": "4:memory:/x\n3:cpu,cpuacct:/box\n",
        "/sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us": "150000\n",
        "/sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us": "100000\n",
      },
      1,
    ],
    [
      "in a group of the first version without a limit",
      {
        "/proc/self/mountinfo": FIRST,
        "/proc/self/cgroup": "3:cpu,cpuacct:/\n",
        "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
        "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
      },
      availableParallelism(),
    ],
  ])("are those %s", (_, files, processors) => {
    expect(usableProcessors(inSystem(files))).toBe(processors);
    expect(physicalCores(inSystem(files))).toBeLessThanOrEqual(processors);
  });
});
