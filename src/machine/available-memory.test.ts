import { totalmem } from "node:os";
import { describe, expect, it } from "vitest";
import { availableMemory, freeMemory } from "./available-memory.ts";

const GB = 2 ** 30;

/** A machine with 64 GB free and these files. */
const inSystem = (files: Readonly<Record<string, string>>) =>
  availableMemory(
    (path) => ({ "/proc/meminfo": `MemAvailable: ${64 * 2 ** 20} kB\n`, ...files })[path] ?? "",
  );

const SECOND = {
  "/proc/self/mountinfo": "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n",
};
const FIRST = {
  "/proc/self/mountinfo": [
    "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755",
    "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu",
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory",
    "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
  ].join("\n"),
};

/** Files of a group of the second version. */
const group = (folder: string, max: string, current: number, more: Record<string, string> = {}) =>
  Object.fromEntries(
    Object.entries({ "memory.max": max, "memory.current": `${current}\n`, ...more }).map(([name, text]) => [
      `${folder}/${name}`,
      text,
    ]),
  );

describe("the memory there is", () => {
  it("is more than nothing and at most all", () => {
    expect(availableMemory()).toBeGreaterThan(0);
    expect(availableMemory()).toBeLessThanOrEqual(totalmem());
  });

  it("is read from what Linux says", () => {
    expect(freeMemory("MemTotal:  100 kB\nMemAvailable:       64 kB\nBuffers: 1 kB\n")).toBe(65_536);
    expect(freeMemory("")).toBeNull();
    expect(inSystem({})).toBe(64 * GB);
  });

  it("is what a container leaves, whose group is the root of what it sees", () => {
    const files = {
      ...SECOND,
      "/proc/self/cgroup": "0::/\n",
      ...group("/sys/fs/cgroup", `${4 * GB}\n`, GB),
    };
    expect(inSystem(files)).toBe(3 * GB);
  });

  it("is what the narrowest group around the process leaves, as batch systems set them", () => {
    const job = "/sys/fs/cgroup/slurm/job_7";
    const files = {
      ...SECOND,
      "/proc/self/cgroup": "0::/slurm/job_7/step_0/task_0\n",
      ...group(`${job}/step_0/task_0`, "max\n", GB),
      ...group(`${job}/step_0`, `${20 * GB}\n`, GB),
      ...group(job, `${8 * GB}\n`, 2 * GB),
      ...group("/sys/fs/cgroup/slurm", `${32 * GB}\n`, 9 * GB),
    };
    expect(inSystem(files)).toBe(6 * GB);
  });

  it("counts pages of files as free, and slowing down as a limit", () => {
    const stat = `anon 5\nfile ${3 * GB}\ninactive_file ${GB}\nactive_file ${GB}\n`;
    const more = { "memory.stat": stat, "memory.high": `${6 * GB}\n` };
    const files = {
      ...SECOND,
      "/proc/self/cgroup": "0::/a\n",
      ...group("/sys/fs/cgroup/a", `${9 * GB}\n`, 5 * GB, more),
    };
    expect(inSystem(files)).toBe(3 * GB);
  });

  it("is read from groups of the first version", () => {
    const memory = "/sys/fs/cgroup/memory";
    const files = {
      ...FIRST,
      "/proc/self/cgroup": "4:cpu,memory:/box/inner\n1:cpu:/elsewhere\n0::/\n",
      [`${memory}/box/inner/memory.limit_in_bytes`]: "9223372036854771712\n",
      [`${memory}/box/inner/memory.usage_in_bytes`]: "1000\n",
      [`${memory}/box/memory.limit_in_bytes`]: `${2 * GB}\n`,
      [`${memory}/box/memory.usage_in_bytes`]: `${GB}\n`,
      [`${memory}/box/memory.stat`]: `inactive_file 7\ntotal_inactive_file ${GB / 2}\ntotal_active_file 0\n`,
    };
    expect(inSystem(files)).toBe(1.5 * GB);
  });

  it.each(["/docker/c0ffee", "/../../docker/c0ffee"])(
    "is that of the mount in a container that sees the host's path %s",
    (path) => {
      const files = {
        "/proc/self/mountinfo": "35 31 0:32 /docker/beef /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory",
        "/proc/self/cgroup": `4:memory:${path}\n`,
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": `${GB}\n`,
        "/sys/fs/cgroup/memory/memory.usage_in_bytes": "0\n",
      };
      expect(inSystem(files)).toBe(GB);
    },
  );

  it("is what the process's own limits leave", () => {
    const limits = (space: string, data: string) => ({
      "/proc/self/limits": `Limit  Soft Limit  Hard Limit  Units\nMax data size             ${data}            unlimited            bytes\nMax address space         ${space}           unlimited            bytes\n`,
      "/proc/self/status": "VmPeak:\t 9000000 kB\nVmSize:\t 1048576 kB\nVmData:\t  524288 kB\n",
    });
    expect(inSystem(limits("unlimited", "unlimited"))).toBe(64 * GB);
    expect(inSystem(limits(`${3 * GB}`, "unlimited"))).toBe(2 * GB);
    expect(inSystem(limits(`${3 * GB}`, `${GB}`))).toBe(GB / 2);
    expect(inSystem(limits(`${GB / 2}`, "unlimited"))).toBe(0);
  });
});
