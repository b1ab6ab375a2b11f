/** The result of an evaluation as a table, with all that its numbers depend on and the command that repeats it. */
import type { Chance, EvaluateResult, Protocol, Scores } from "../jobs/evaluate.ts";
import { counted, formatCount, formatPercent } from "./format.ts";
import { flagWords, pathWord, shellWords } from "./shell-words.ts";
import { textTable } from "./table.ts";
import { visibleLine } from "./visible-text.ts";

export interface Asked {
  protocols: readonly Protocol[];
  threads?: number;
  cacheDir?: string;
  split?: string;
  allFiles?: boolean;
}

const COLUMNS = ["pixels", "untrained", "trained"] as const;

export function evaluationTable(result: EvaluateResult, asked: Asked): string {
  const { run, data, protocol, skipped } = result;
  const pictures = counted(protocol.train + protocol.test, "picture");
  const left = skipped === 0 ? "" : `, ${counted(skipped, "picture")} skipped`;
  const head = ["", ...COLUMNS, "chance", "tested on"];
  return [
    `${visibleLine(run)} after step ${formatCount(protocol.step)}, on ${visibleLine(data)}: ${pictures} of ${counted(protocol.classes, "class", "classes")}${left}`,
    "",
    textTable([head, ...scoreRows(result)], { right: [1, 2, 3, 4, 5] }),
    "",
    ...protocolLines(result, asked.protocols),
    `Repeat with: ${repeatCommand(result, asked)}`,
  ].join("\n");
}

interface Measure {
  name: string;
  read(scores: Scores): string | undefined;
  chance?(chance: Chance): string | undefined;
  /** Pictures that were asked about. */
  pictures?(protocol: EvaluateResult["protocol"]): number;
}

function share(
  name: string,
  read: (scores: Chance) => number | undefined,
  pictures: Measure["pictures"],
): Measure {
  const percent = (scores: Chance) => {
    const value = read(scores);
    return value === undefined ? undefined : formatPercent(value);
  };
  return { name, read: percent, chance: percent, ...(pictures && { pictures }) };
}

const HELD = ({ test }: EvaluateResult["protocol"]) => test;
const ALL = ({ train, test }: EvaluateResult["protocol"]) => train + test;

const MEASURES: readonly Measure[] = [
  share("kNN accuracy", ({ knn }) => knn?.accuracy, HELD),
  share("linear probe accuracy", ({ linear }) => linear?.accuracy, HELD),
  share("retrieval recall@1", ({ retrieval }) => retrieval?.recallAt1, ALL),
  share("retrieval recall@5", ({ retrieval }) => retrieval?.recallAt5, ALL),
  share("retrieval mAP", ({ retrieval }) => retrieval?.meanAveragePrecision, ALL),
  { name: "deviation", read: ({ health }) => health.deviation.toPrecision(2) },
  { name: "effective rank", read: ({ health }) => health.rankMe.toFixed(1) },
];

function scoreRows(result: EvaluateResult): string[][] {
  const scores = MEASURES.flatMap(({ name, read, chance, pictures }) => {
    const cells = COLUMNS.map((column) => read(result[column]));
    if (cells.includes(undefined)) return [];
    const tested = pictures === undefined ? "" : formatCount(pictures(result.protocol));
    return [[name, ...(cells as string[]), chance?.(result.chance) ?? "", tested]];
  });
  return [...scores, ["compared by", ...COLUMNS.map((column) => result.protocol.metrics[column])]];
}

function protocolLines({ protocol, ...columns }: EvaluateResult, protocols: readonly Protocol[]): string[] {
  const { k, voters, temperature, seed, parts, train, test, testShare, pixelSide } = protocol;
  const asked = voters < k ? `${k}, of which there are ${formatCount(voters)}` : `${k}`;
  const divided = parts === null ? `share ${testShare} of each class` : `${parts.train} and ${parts.test}`;
  const rates = COLUMNS.map((column) => columns[column].linear?.learningRate).join(", ");
  const lines: Record<Protocol, string> = {
    knn: `kNN: k ${asked}, temperature ${temperature}; votes weighted by cosine similarity, equal by Euclidean distance`,
    linear: `Linear probe: learning rates chosen on a validation part: ${rates} (${COLUMNS.join(", ")})`,
    retrieval: "Retrieval: every picture looks for its class among all others",
  };
  return [
    ...protocols.map((name) => lines[name]),
    `Split: ${formatCount(train)} to train on, ${formatCount(test)} to test (${divided}), seed ${seed}`,
    `Pixels: ${pixelSide} × ${pixelSide}. Chance: the most frequent class; for retrieval a random order`,
  ];
}

function repeatCommand({ run, data, protocol }: EvaluateResult, asked: Asked): string {
  const { k, temperature, testShare, seed } = protocol;
  const flags = flagWords({
    "--data": pathWord(data),
    "--protocol": asked.protocols.join(","),
    "--k": k,
    "--temperature": temperature,
    "--test-share": testShare,
    "--seed": seed,
    "--split": asked.split,
    "--all-files": asked.allFiles ? true : undefined,
    "--threads": asked.threads,
    "--cache-dir": asked.cacheDir && pathWord(asked.cacheDir),
  });
  return shellWords(["afterimage", "evaluate", pathWord(run), ...flags]);
}
