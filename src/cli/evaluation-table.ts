/** The result of an evaluation as a table, with all that its numbers depend on and the command that repeats it. */
import type { EvaluateResult, Protocol, Scores } from "../jobs/evaluate.ts";
import { counted, formatCount, formatPercent } from "./format.ts";
import { flagWords, shellWords } from "./shell-words.ts";
import { textTable } from "./table.ts";

export interface Asked {
  protocols: readonly Protocol[];
  threads?: number;
  cacheDir?: string;
}

const COLUMNS = ["pixels", "untrained", "trained"] as const;

export function evaluationTable(result: EvaluateResult, asked: Asked): string {
  const { run, data, protocol, skipped } = result;
  const pictures = counted(protocol.train + protocol.test, "picture");
  const left = skipped === 0 ? "" : `, ${counted(skipped, "picture")} skipped`;
  return [
    `${run} after step ${formatCount(protocol.step)}, on ${data}: ${pictures} of ${counted(protocol.classes, "class", "classes")}${left}`,
    "",
    textTable([["", ...COLUMNS], ...scoreRows(result)], { right: [1, 2, 3] }),
    "",
    ...protocolLines(result, asked.protocols),
    `Repeat with: ${repeatCommand(result, asked)}`,
  ].join("\n");
}

type Measure = readonly [name: string, read: (scores: Scores) => string | undefined];

const MEASURES: readonly Measure[] = [
  ["kNN accuracy", ({ knn }) => knn && formatPercent(knn.accuracy)],
  ["linear probe accuracy", ({ linear }) => linear && formatPercent(linear.accuracy)],
  ["retrieval recall@1", ({ retrieval }) => retrieval && formatPercent(retrieval.recallAt1)],
  ["retrieval recall@5", ({ retrieval }) => retrieval && formatPercent(retrieval.recallAt5)],
  ["retrieval mAP", ({ retrieval }) => retrieval && formatPercent(retrieval.meanAveragePrecision)],
  ["deviation", ({ health }) => health.deviation.toPrecision(2)],
  ["effective rank", ({ health }) => health.rankMe.toFixed(1)],
];

function scoreRows(result: EvaluateResult): string[][] {
  return MEASURES.flatMap(([name, read]) => {
    const cells = COLUMNS.map((column) => read(result[column]));
    return cells.includes(undefined) ? [] : [[name, ...(cells as string[])]];
  });
}

function protocolLines({ protocol, ...columns }: EvaluateResult, protocols: readonly Protocol[]): string[] {
  const { k, temperature, seed, train, test, testShare } = protocol;
  const voters = k > train ? `${k}, of which there are ${formatCount(train)}` : `${k}`;
  const rates = COLUMNS.map((column) => columns[column].linear?.learningRate).join(", ");
  const lines: Record<Protocol, string> = {
    knn: `kNN: k ${voters}, temperature ${temperature}, votes weighted by similarity`,
    linear: `Linear probe: learning rates chosen on a validation part: ${rates} (${COLUMNS.join(", ")})`,
    retrieval: "Retrieval: every picture looks for its class among all others",
  };
  const split = `Split: ${formatCount(train)} to train on, ${formatCount(test)} to test (share ${testShare} of each class), seed ${seed}`;
  return [...protocols.map((name) => lines[name]), split];
}

function repeatCommand({ run, data, protocol }: EvaluateResult, asked: Asked): string {
  const { k, temperature, testShare, seed } = protocol;
  const flags = flagWords({
    "--data": data,
    "--protocol": asked.protocols.join(","),
    "--k": k,
    "--temperature": temperature,
    "--test-share": testShare,
    "--seed": seed,
    "--threads": asked.threads,
    "--cache-dir": asked.cacheDir,
  });
  return shellWords(["afterimage", "evaluate", run, ...flags]);
}
