import { describe, expect, test } from "vitest";
import { verdict } from "../../quality/bars-table.ts";
import { collapseOf } from "../../quality/collapse-section.ts";
import type { Look } from "../../quality/contestant.ts";
import { markdownTable, percentWithSpread, wrapped } from "../../quality/markdown.ts";
import { withMethodRows } from "../../quality/method-rows.ts";
import { reportOf as reportOfAll } from "../../quality/report.ts";
import type { Refusal, Result } from "../../quality/result.ts";
import { deviation, spread } from "../../quality/statistics.ts";

const FIGURES = { linearRate: 0.1, rankMe: 40, deviation: 0.08, idealDeviation: 0.1, classifier: null };
const TRAINING = { minutes: 4.1, epochs: 30, picturesPerSecond: 500, collapsedLoss: 4.8, course: [] };

function look(epoch: number, loss: number, warning: string | null = null): Look {
  return { epoch, loss, knn: null, health: null, warning };
}

function reportOf(
  results: Result[],
  known: Parameters<typeof reportOfAll>[1],
  refusals: Refusal[] = [],
): string {
  return reportOfAll({ results, refusals }, known);
}

interface Given extends Partial<Omit<Result, "figures" | "training">> {
  figures?: Partial<Result["figures"]>;
  training?: Partial<NonNullable<Result["training"]>> | null;
}

function result({ figures, training, ...given }: Given): Result {
  return {
    ...{ version: 1, set: "emoji", setTitle: "Emoji", protocol: "Divided by name.", seed: 0 },
    ...{ pictures: { train: 300, test: 100 }, name: "simclr", title: "SimCLR", group: "method" },
    ...{ of: null, family: "resnet", command: "npm run quality", date: "2026-01-02T03:04:05.678Z" },
    machine: { cpu: "A processor", cores: 2, system: "A system", node: "v22" },
    ...{ threads: 2, versions: { afterimage: "0.1.0" }, settings: {}, minutesAsked: 4 },
    ...given,
    training: training === null ? null : { ...TRAINING, ...training },
    figures: { ...FIGURES, knn: 0.6, linear: 0.62, ...figures },
  };
}

const BASELINES = [
  result({ name: "pixels", title: "raw pixels", group: "baseline", family: null, training: null }),
  result({
    ...{ name: "untrained-simclr", title: "untrained ResNet of SimCLR", group: "baseline", training: null },
    figures: { knn: 0.4, linear: 0.55 },
  }),
];

/** The cells of the row that begins with `title`, in a table whose head contains `headWord`. */
function row(report: string, title: string, headWord: string): string[] {
  const tables = report.split("\n\n").filter((part) => part.startsWith("|") && part.includes(headWord));
  const line = tables.flatMap((table) => table.split("\n")).find((text) => text.startsWith(`| ${title} `));
  return (line ?? "").split("|").map((cell) => cell.trim());
}

describe("the report", () => {
  test("gives means and spreads over seeds, sorted by kNN", () => {
    const report = reportOf(
      [
        result({ figures: { knn: 0.6 } }),
        result({ seed: 1, figures: { knn: 0.7 } }),
        result({ name: "dino", title: "DINO", family: "vit", figures: { knn: 0.66 } }),
      ],
      [],
    );
    expect(row(report, "SimCLR", "RankMe")).toContain("65.0 ± 7.1");
    expect(row(report, "DINO", "RankMe")).toContain("66.0");
    expect(report.indexOf("| DINO")).toBeLessThan(report.indexOf("| SimCLR"));
  });

  test("gives the tasks beside the accuracies, and a dash for files from before these tasks", () => {
    const older = result({ name: "byol", title: "BYOL" });
    const copies = { at1: 0.1, at5: 0.2 };
    const grey = result({ name: "mae", title: "MAE", figures: { copies, artists: null } });
    const report = reportOf(
      [
        result({ figures: { copies, artists: { at1: 0.3, at5: 0.4 } } }),
        result({ seed: 1, figures: { copies: { at1: 0.3, at5: 0.4 }, artists: { at1: 0.5, at5: 0.6 } } }),
        ...[older, grey],
        result({ ...BASELINES[0]!, figures: { copies, artists: copies } }),
      ],
      [],
    );
    expect(row(report, "SimCLR", "copies").slice(4, 6)).toEqual(["20.0 / 30.0", "40.0 / 50.0"]);
    expect(row(report, "BYOL", "copies").slice(4, 6)).toEqual(["–", "–"]);
    expect(row(report, "MAE", "copies").slice(4, 6)).toEqual(["10.0 / 20.0", "–"]);
    expect(row(report, "raw pixels", "copies").slice(4, 6)).toEqual(["10.0 / 20.0", "10.0 / 20.0"]);
  });

  test("puts a peer beside its method", () => {
    const peer = { name: "lightly-simclr", group: "peer", of: "simclr" } as const;
    const report = reportOf([result({}), result({ ...peer, figures: { knn: 0.655 } })], []);
    expect(row(report, "SimCLR", "RankMe")).toContain("65.5");
    expect(row(report, "SimCLR", "over untrained")).toContain("not met, -5.5");
  });

  test("says for each bar whether it is met", () => {
    const report = reportOf([...BASELINES, result({ figures: { knn: 0.6, linear: 0.61 } })], []);
    // The spread of 100 test pictures is 5 points.
    const bars = row(report, "SimCLR", "over untrained");
    expect(bars).toEqual(["", "SimCLR", "met, +20.0", "not met, +6.0", "not met, -1.0", "–", "met", ""]);
  });

  test("gives the reason for leaving a method out, and does not count it as missing", () => {
    const { version, set, date } = result({});
    const cmc = { name: "cmc", title: "CMC", group: "method" } as const;
    const refused = "cmc learns from colours, and the pictures are grey";
    const report = reportOf(
      [result({})],
      [cmc],
      [
        { version, set, date, ...cmc, seed: 0, refused },
        { version, set: "another", date, ...cmc, seed: 0, refused: "not of this set" },
      ],
    );
    expect(report).toContain(`Left out: ${refused}.`);
    expect(report).not.toContain("Not run yet");
    expect(report).not.toContain("not of this set");
  });

  test("names the epoch of a warning, and the methods that are missing", () => {
    const course = [look(1, 5), look(2, 4.8, "After 2 epochs …")];
    const report = reportOf(
      [result({ training: { course } }), result({ seed: 1 })],
      [
        { name: "simclr", title: "SimCLR", group: "method" },
        { name: "byol", title: "BYOL", group: "method" },
      ],
    );
    expect(row(report, "SimCLR", "RankMe")).toContain("epoch 2");
    expect(row(report, "SimCLR", "over untrained")).toContain("not met");
    expect(report).toContain("Not run yet: BYOL.");
  });

  test("has a table of deliberate collapses beside the healthy method", () => {
    const variant = {
      name: "simclr-hot",
      title: "SimCLR without cold",
      group: "variant",
      of: "simclr",
    } as const;
    const course = [look(1, 4.8), look(2, 4.8, "After 2 epochs …")];
    const figures = { knn: 0.2, deviation: 0.001 };
    const report = reportOf([result({}), result({ ...variant, figures, training: { course } })], []);
    expect(row(report, "SimCLR without cold", "collapsed")).toEqual([
      ...["", "SimCLR without cold", "4.8000 (4.8000)", "0.010", "40.0", "20.0", "60.0"],
      ...["features, loss", "yes, epoch 2 of 30", ""],
    ]);
  });

  test("can be written without results", () => {
    expect(reportOf([], [])).toContain("There are no results yet.");
  });
});

test("a collapse is of the features, of the outputs, of the loss, of several of them or of none", () => {
  const at = (loss: number) => ({ ...TRAINING, course: [look(1, loss)] });
  const figures = { ...FIGURES, knn: 0, linear: 0 };
  expect(collapseOf({ figures, training: at(4) })).toBe("no");
  expect(collapseOf({ figures, training: at(4.801) })).toBe("loss");
  expect(collapseOf({ figures: { ...figures, rankMe: 1.5 }, training: at(4) })).toBe("features");
  const spreadAt = (rank: number) => ({
    ...at(4.8),
    leastSpread: { rank: 2 },
    course: [{ ...look(1, 4.8), spread: { rank } }],
  });
  expect(collapseOf({ figures, training: spreadAt(2.1) })).toBe("loss");
  expect(collapseOf({ figures, training: spreadAt(1.9) })).toBe("outputs, loss");
});

test("a bar is met only above it", () => {
  expect(verdict(0.031, 0.03)).toBe("met, +3.1");
  expect(verdict(0.03, 0.03)).toBe("not met, +3.0");
});

test("spreads are those of the sample, or of the random choice of test pictures", () => {
  expect(deviation([1, 2, 3])).toBeCloseTo(1);
  expect(deviation([1])).toBeNull();
  expect(spread([0.5], 100)).toBeCloseTo(0.05);
  expect(percentWithSpread(0.7123, 0.0044)).toBe("71.2 ± 0.4");
});

test("a Markdown table is aligned", () => {
  expect(markdownTable(["a", "kNN"], [["long name", "1.0"]])).toBe(
    "| a         | kNN |\n| --------- | --: |\n| long name | 1.0 |",
  );
});

test("a paragraph is broken at spaces, and a long word is kept whole", () => {
  const word = "x".repeat(54);
  expect(wrapped(`${word} ${word} y`)).toBe(`${word} ${word}\ny`);
  expect(wrapped(`a ${"z".repeat(120)} b`)).toBe(`a\n${"z".repeat(120)}\nb`);
});

describe("rows in the list of methods", () => {
  const text =
    "# Methods\n\n## SimCLR\n\n`simclr` · Chen 2020\n\nTwo views.\n\n## CMC\n\n`cmc` · Tian 2019\n\nColours.\n";
  const cmc = { name: "cmc", title: "CMC", group: "method" } as const;
  const refusal = {
    ...cmc,
    version: 1 as const,
    set: "grey",
    date: "2026-01-02",
    seed: 0,
    refused: "no colours",
  };

  test("are under the heading of their method, with means over seeds or the reason for their absence", () => {
    const results = [result({ figures: { knn: 0.5 } }), result({ seed: 1, figures: { knn: 0.7 } })];
    const written = withMethodRows(text, { results, refusals: [refusal] });
    expect(written).toContain(
      "**[Results](quality.md)** Emoji in 4 minutes: kNN 60.0 ± 14.1 %, linear probe 62.0 ± 0.0 %.\n\nTwo views.",
    );
    expect(written).toContain("**[Results](quality.md)** not on grey: no colours.\n\nColours.");
    const both = withMethodRows(text, { results, refusals: [{ ...refusal, name: "simclr" }] });
    expect(both).toContain("62.0 ± 0.0 %;\nnot on grey: no colours.\n\nTwo views.");
  });

  test("replace older ones, and disappear without results", () => {
    const once = withMethodRows(text, { results: [result({})], refusals: [refusal] });
    expect(withMethodRows(once, { results: [result({})], refusals: [refusal] })).toBe(once);
    expect(withMethodRows(once, { results: [], refusals: [] })).toBe(text);
    const twoLines = withMethodRows(text, {
      results: [result({})],
      refusals: [{ ...refusal, name: "simclr" }],
    });
    expect(withMethodRows(twoLines, { results: [], refusals: [] })).toBe(text);
  });
});

describe("machines", () => {
  const other = { ...result({}).machine, cpu: "Another processor" };
  const elsewhere = result({ name: "dino", title: "DINO", machine: other });

  test("are named row by row if there are several", () => {
    const report = reportOf([result({}), elsewhere], []);
    expect(report).toContain("a: A processor, 2 cores, 2 threads; b: Another processor");
    expect(row(report, "SimCLR", "RankMe").at(-2)).toBe("a");
    expect(row(report, "DINO", "RankMe").at(-2)).toBe("b");
  });

  test("are named once if there is one", () => {
    const report = reportOf([result({})], []);
    expect(report).toContain("- Machine: A processor, 2 cores, 2 threads\n");
    expect(report).not.toContain(" on |");
  });
});

describe("runs of other minutes", () => {
  const longer = result({ minutesAsked: 30, figures: { knn: 0.7 }, training: { minutes: 31, epochs: 220 } });

  test("have a table of their own, and are not in the others", () => {
    const report = reportOf([result({}), longer], []);
    expect(row(report, "SimCLR", "RankMe")).toContain("60.0");
    const [, section] = report.split("## More time");
    expect(section).toMatch(
      /Emoji +\| +30 +\| SimCLR +\| +70\.0 .*\| +220 \| +31 \| +1 \| A processor, 2 threads/,
    );
    expect(reportOf([result({})], [])).not.toContain("## More time");
  });

  test("are not the results of a method in methods.md", () => {
    const text = "`simclr` · 2020 · ResNet\n\nTwo views.\n";
    expect(withMethodRows(text, { results: [longer], refusals: [] })).toBe(text);
  });
});
