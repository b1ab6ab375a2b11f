import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { countCores, physicalCores } from "./physical-cores.ts";

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
