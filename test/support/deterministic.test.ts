import { describe, expect, test } from "vitest";
import { deterministic, deterministicWeight, fnv1a } from "./deterministic.ts";
import { readFixture } from "./fixtures.ts";
import { probe, probeIndices } from "./probe.ts";

const golden = readFixture("deterministic");

describe("the hash that replaces stored weights and inputs", () => {
  test("salts a name with FNV-1a, which has these published values for '' and 'a'", () => {
    expect(fnv1a("")).toBe(0x811c9dc5);
    expect(fnv1a("a")).toBe(0xe40c292c);
    expect(golden.setting<string[]>("names").map(fnv1a)).toEqual(golden.numbers("salts"));
  });

  test("gives the bits that the fixture scripts computed", () => {
    expect(deterministic("golden", 64)).toEqual(golden.floats("values"));
    expect(deterministic("golden", 64, 0.3)).toEqual(golden.floats("scaled"));
  });

  test("stays exact if index times multiplier no longer fits a double", () => {
    const own = Float32Array.from(probe(deterministic("golden.long", 4_000_000)));
    expect(own.subarray(1)).toEqual(golden.floats("long/probe").subarray(1));
    expect(own[0]).toBeCloseTo(golden.floats("long/probe")[0]!, 2);
  });

  test("is spread evenly over its range", () => {
    const values = deterministic("spread", 100_000);
    const counts = new Array<number>(10).fill(0);
    for (const value of values) counts[Math.floor((value + 1) * 5)]! += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});

describe("deterministic weights", () => {
  test.each(golden.endings("weight/"))("%s has the scale of its name and rank", (name) => {
    const { shape } = golden.get(`weight/${name}`);
    expect(deterministicWeight(name, shape)).toEqual(golden.floats(`weight/${name}`));
  });
});

describe("probe indices", () => {
  test.each(golden.endings("indices/"))(
    "of a tensor of length %s are those of the fixture scripts",
    (length) => {
      expect(probeIndices(Number(length))).toEqual(golden.numbers(`indices/${length}`));
    },
  );
});
