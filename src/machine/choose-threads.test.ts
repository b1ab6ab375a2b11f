import { describe, expect, it } from "vitest";
import { chooseThreads } from "./choose-threads.ts";
import { physicalCores } from "./physical-cores.ts";

function choose(asked: number | undefined, processors: number) {
  const notes: string[] = [];
  return { threads: chooseThreads(asked, (note) => notes.push(note), processors), notes };
}

describe("chooseThreads", () => {
  it("takes the cores when nobody says, and as many as asked up to the processors, without a word", () => {
    expect(choose(undefined, 2)).toEqual({ threads: physicalCores(), notes: [] });
    expect(choose(2, 2)).toEqual({ threads: 2, notes: [] });
    expect(choose(1, 64)).toEqual({ threads: 1, notes: [] });
  });

  it("takes more with a note, up to four a processor", () => {
    const note = "3 threads on 2 processors are slower than 2";
    expect(choose(3, 2)).toEqual({ threads: 3, notes: [note] });
    expect(choose(8, 2).threads).toBe(8);
    expect(choose(4, 1).notes).toEqual(["4 threads on 1 processor are slower than 1"]);
  });

  it.each([9, 64, 3000, 100_000])("refuses %i on two", (asked) => {
    expect(() => choose(asked, 2)).toThrow(/`threads`\); expected at most 8, because this process may use 2/);
  });
});
