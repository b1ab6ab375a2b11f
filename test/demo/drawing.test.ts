import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { enclosingTicks, formatTick, niceTicks, spreadApart } from "../../demo/axis.ts";
import { type GridSection, neighbourGrid, pickQueries } from "../../demo/neighbour-grid.ts";
import { linePlot } from "../../demo/plot.ts";
import { textTable } from "../../demo/table.ts";

const count = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;
const labels = (svg: string) => [...svg.matchAll(/aria-label="([^"]*)"/g)].map((match) => match[1]);

describe("an axis", () => {
  test("has ticks at round numbers", () => {
    expect(niceTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(niceTicks(0, 5.1, 8)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(niceTicks(0, 30, 8)).toEqual([0, 5, 10, 15, 20, 25, 30]);
    expect(enclosingTicks(2.21, 5.6, 5)).toEqual([2, 3, 4, 5, 6]);
    expect(enclosingTicks(3, 3, 5)).toEqual([3, 3.2]);
  });

  test("prints as many decimals as the ticks need, the same for all", () => {
    const ticks = niceTicks(0, 1, 5);
    expect(ticks.map((tick) => formatTick(tick, ticks))).toEqual(["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
  });

  test("encloses any data within a handful of ticks", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e3, max: 1e3, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (low, length) => {
          const ticks = enclosingTicks(low, low + length, 5);
          expect(ticks[0]!).toBeLessThanOrEqual(low + 1e-6 * length);
          expect(ticks.at(-1)!).toBeGreaterThanOrEqual(low + length - 1e-6 * length);
          expect(ticks.length).toBeLessThanOrEqual(8);
        },
      ),
    );
  });

  test("moves labels apart only if they overlap, and no further than needed", () => {
    expect(spreadApart([10, 50, 90], 17, [0, 100])).toEqual([10, 50, 90]);
    expect(spreadApart([40, 44], 10, [0, 100])).toEqual([37, 47]);
    expect(spreadApart([2, 4, 95], 10, [0, 100])).toEqual([0, 10, 95]);
    expect(spreadApart([96, 99], 10, [0, 100])).toEqual([90, 100]);
  });

  test("keeps labels in order, apart and inside", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { minLength: 1, maxLength: 10 }),
        (wanted) => {
          const places = spreadApart(
            wanted.sort((a, b) => a - b),
            17,
            [0, 200],
          );
          places.forEach((place, i) => {
            expect(place).toBeGreaterThanOrEqual(-1e-9);
            expect(place).toBeLessThanOrEqual(200 + 1e-9);
            if (i > 0) expect(place - places[i - 1]!).toBeGreaterThanOrEqual(17 - 1e-9);
          });
        },
      ),
    );
  });
});

describe("a plot", () => {
  const plot = linePlot({
    title: "loss & recall",
    xLabel: "minutes",
    panels: [
      { title: "Loss", series: [{ name: "NT-Xent", points: [1, 2, 3].map((x) => ({ x, y: 6 - x })) }] },
      {
        title: "Recall",
        range: [0, 1],
        series: [
          {
            name: "copies",
            colour: "#123456",
            points: [
              { x: 0, y: 0 },
              { x: 1, y: Number.NaN },
              { x: 2, y: 0.5 },
              { x: 4, y: 1 },
            ],
          },
        ],
        levels: [{ name: "pixels", y: 0.25, colour: "#654321" }],
      },
    ],
  });
  const lineOf = (colour: string) => {
    const path = new RegExp(`<path d="([^"]*)" fill="none" stroke="${colour}"`).exec(plot)![1]!;
    return [...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map((m) => [Number(m[1]), Number(m[2])] as const);
  };

  test("puts points at their coordinates, and leaves out NaN", () => {
    const [a, b, c] = lineOf("#123456") as [
      readonly [number, number],
      readonly [number, number],
      readonly [number, number],
    ];
    expect(lineOf("#123456")).toHaveLength(3);
    expect((b[0] - a[0]) / (c[0] - a[0])).toBeCloseTo(0.5, 3);
    expect((b[1] - a[1]) / (c[1] - a[1])).toBeCloseTo(0.5, 3);
    expect(c[1]).toBeLessThan(a[1]);
  });

  test("draws a level over the whole width at its height", () => {
    const [from, to] = lineOf("#654321") as [readonly [number, number], readonly [number, number]];
    const [zero, , one] = lineOf("#123456") as [
      readonly [number, number],
      unknown,
      readonly [number, number],
    ];
    expect([from[0], to[0]]).toEqual([zero[0], one[0]]);
    expect(from[1]).toBe(to[1]);
    expect((from[1] - zero[1]) / (one[1] - zero[1])).toBeCloseTo(0.25, 3);
  });

  test("names every line in a legend and at its end, with its last value", () => {
    for (const name of ["NT-Xent", "copies", "pixels"]) {
      expect(labels(plot).filter((label) => label === name)).toHaveLength(2);
    }
    expect(labels(plot)).toEqual(
      expect.arrayContaining(["3.00", "1.00", "0.25", "minutes", "loss &#38; recall"]),
    );
  });

  test("is an SVG that draws without any font", async () => {
    expect(plot).not.toContain("<text");
    const { width, height } = await sharp(Buffer.from(plot)).metadata();
    expect([width, height! > 500]).toEqual([960, true]);
  });

  test("is valid with a single point, and with none", () => {
    for (const points of [[{ x: 1, y: 2 }], []]) {
      const svg = linePlot({
        title: "t",
        xLabel: "x",
        panels: [{ title: "p", series: [{ name: "s", points }] }],
      });
      expect(svg).not.toMatch(/NaN|Infinity/);
    }
  });
});

describe("a grid of neighbours", () => {
  const grey = (value: number) => ({ size: 2, data: new Uint8Array(12).fill(value) });
  const section: GridSection = {
    title: "Copy detection",
    queries: [{ size: 2, data: Uint8Array.from({ length: 12 }, (_, i) => i * 20) }, grey(7)],
    labels: ["first", "a name that is much too long for the room it has"],
    correct: [4, 9],
    gallery: grey,
    columns: [
      { title: "pixels", neighbours: [[1, 4, 2], Int32Array.of(9, 3, 4)] },
      {
        title: "trained",
        neighbours: [
          [4, 0, 9],
          [9, 4, 1],
        ],
      },
    ],
  };

  test("frames the correct neighbour at any place, and counts how often it was found", async () => {
    const svg = await neighbourGrid("neighbours", [section]);
    // Four correct neighbours, and the sample in the key.
    expect(count(svg, /stroke="#16a34a"/g)).toBe(5);
    expect(count(svg, /<image/g)).toBe(2 * (1 + 3 + 3));
    expect(labels(svg)).toContain("1 of 2 right at first, 2 within 3");
    expect(labels(svg)).toContain("2 of 2 right at first, 2 within 3");
  });

  test("contains the pictures without loss", async () => {
    const svg = await neighbourGrid("neighbours", [section]);
    const uri = /base64,([^"]+)"/.exec(svg)![1]!;
    const pixels = await sharp(Buffer.from(uri, "base64")).raw().toBuffer();
    expect([...pixels]).toEqual([0, 80, 160, 20, 100, 180, 40, 120, 200, 60, 140, 220]);
  });

  test("shortens names that are too long", async () => {
    const svg = await neighbourGrid("neighbours", [section]);
    expect(labels(svg).some((label) => /^a name that .*\.\.\.$/.test(label!))).toBe(true);
  });

  test("shows queries that the seed chooses, each once", () => {
    const picked = pickQueries(1000, 10, 0);
    expect(new Set(picked).size).toBe(10);
    expect(pickQueries(1000, 10, 0)).toEqual(picked);
    expect(pickQueries(1000, 10, 1)).not.toEqual(picked);
    expect(pickQueries(3, 10, 0)).toEqual([0, 1, 2]);
  });
});

test("a table aligns its columns and names each task once", () => {
  const table = textTable(
    ["pixels", "trained"],
    [
      { task: "copies", measure: "recall@1", values: [0.2333, 0.68] },
      { task: "copies", measure: "recall@5", values: [0.3446, 1] },
      { task: "noto – twemoji", measure: "recall@1", values: [0.0004, Number.NaN] },
    ],
    [2],
  );
  expect(table.split("\n")).toEqual([
    "                            pixels   trained",
    "────────────────────────────────────────────",
    "copies           recall@1     .233      .680",
    "                 recall@5     .345     1.000",
    "────────────────────────────────────────────",
    "noto – twemoji   recall@1     .000         –",
  ]);
});
