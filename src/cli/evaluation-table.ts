/**
 * The result of an evaluation as a table, with everything that its numbers depend on and the command that
 * repeats it.
 */
import type { ClusterScores } from "../evaluate/clusters/cluster-scores.ts";
import type { Chance, EvaluateResult, Protocol, Scores } from "../jobs/evaluate.ts";
import { comparisonTable } from "./comparison-table.ts";
import { counted, formatCount, formatShare } from "./format.ts";
import { semiTable } from "./semi-table.ts";
import { flagWords, pathWord, shellWords } from "./shell-words.ts";
import { textTable } from "./table.ts";
import { visibleLine } from "./visible-text.ts";

export interface Asked {
  protocols: readonly Protocol[];
  threads?: number;
  cacheDir?: string;
  split?: string;
  allFiles?: boolean;
  background?: string;
}

const COLUMNS = ["pixels", "untrained", "trained"] as const;

export function evaluationTable(result: EvaluateResult, asked: Asked): string {
  const { run, data, protocol, skipped } = result;
  const pictures = counted(protocol.pictures, "picture");
  const left = skipped === 0 ? "" : `, ${counted(skipped, "picture")} skipped`;
  const after = protocol.step === null ? "" : ` after step ${formatCount(protocol.step)}`;
  const head = ["", ...COLUMNS, "chance", "tested on"];
  return [
    `${visibleLine(run)}${after}, on ${visibleLine(data)}: ${pictures} of ${counted(protocol.classes, "class", "classes")}${left}`,
    "",
    textTable([head, ...scoreRows(result)], { right: [1, 2, 3, 4, 5] }),
    "",
    ...comparisonTable(result.comparisons),
    ...(result.semi === undefined ? [] : semiTable(result.semi)),
    ...protocolLines(result, asked.protocols),
    `Repeat with: ${repeatCommand(result, asked)}`,
  ].join("\n");
}

interface Measure {
  name: string;
  read(scores: Scores): string | undefined;
  chance?(chance: Chance): string | undefined;
  /** The number of pictures that were tested. */
  pictures?(protocol: EvaluateResult["protocol"]): number;
}

/** A share, and its standard error if there is one. */
type Share = readonly [value: number, error: number | undefined] | undefined;

function share<T extends Chance>(
  name: string,
  read: (scores: T) => Share,
  pictures: Measure["pictures"],
): Measure {
  const percent = (scores: Chance) => shareText(read(scores as T));
  return { name, read: percent, chance: percent, ...(pictures && { pictures }) };
}

function shareText(found: Share): string | undefined {
  return found && formatShare(...found);
}

const HELD = ({ test }: EvaluateResult["protocol"]) => test;
const ALL = ({ pictures }: EvaluateResult["protocol"]) => pictures;

const MEASURES: readonly Measure[] = [
  share("kNN accuracy", accuracy("knn"), HELD),
  share("linear probe accuracy", accuracy("linear"), HELD),
  share("retrieval recall@1", retrieved("recallAt1"), ALL),
  share("retrieval recall@5", retrieved("recallAt5"), ALL),
  share("retrieval mAP", retrieved("meanAveragePrecision"), ALL),
  share("clusters NMI", clustered("normalizedMutualInformation"), ALL),
  share("clusters AMI", clustered("adjustedMutualInformation"), ALL),
  share("clusters ARI", clustered("adjustedRandIndex"), ALL),
  share("clusters accuracy", clustered("accuracy"), ALL),
  { name: "deviation", read: ({ health }) => health.deviation.toPrecision(2) },
  { name: "effective rank", read: ({ health }) => health.rankMe.toFixed(1) },
];

function accuracy(protocol: "knn" | "linear") {
  return (scores: Partial<Scores>): Share => {
    const found = scores[protocol];
    return found && [found.accuracy, found.standardError];
  };
}

function retrieved(measure: "recallAt1" | "recallAt5" | "meanAveragePrecision") {
  return ({ retrieval }: Partial<Scores>): Share =>
    retrieval && [retrieval[measure], retrieval.standardErrors?.[measure]];
}

function clustered(measure: keyof ClusterScores) {
  return ({ clusters }: Partial<Scores>): Share => clusters && [clusters[measure], undefined];
}

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
  const { k, voters, temperature, pixelSide } = protocol;
  const asked = voters < k ? `${k} (only ${formatCount(voters)} available)` : `${k}`;
  const rates = COLUMNS.map((column) => ratesText(columns[column].linear?.learningRates));
  const lines: Record<Protocol, string> = {
    knn: `kNN: k ${asked}, temperature ${temperature}; votes are weighted by cosine similarity, and equal for Euclidean distance`,
    linear: `Linear probe: learning rates ${rates.join(", ")} (${COLUMNS.join(", ")}), chosen on a validation split`,
    clusters: `Clusters: k-means with k ${protocol.clusters} on all pictures; for the accuracy a cluster stands for one class at most`,
    semi: "Few labels: subsets of the training pictures, the same of each class; every way sees the same labels",
    retrieval: "Retrieval: every picture is a query for the other pictures of its class; ties share ranks",
  };
  return [
    ...protocols.map((name) => lines[name]),
    divisionLine(protocol),
    `Pixels: ${pixelSide} × ${pixelSide}. Chance: the most frequent class, a random order for retrieval, or clusters of equal size`,
  ];
}

/** The rates of all folds, without repetition. */
function ratesText(rates: readonly number[] = []): string {
  return [...new Set(rates)].sort((a, b) => a - b).join(" and ");
}

function divisionLine({ train, test, testShare, splits, folds, seed }: EvaluateResult["protocol"]): string {
  if (folds !== null) {
    const probe = `the linear probe uses ${folds} stratified folds`;
    return `Few pictures, so all are tested: kNN leaves one out, ${probe}, seed ${seed} (--test-share holds a share out)`;
  }
  const divided = splits === null ? `share ${testShare} of each class` : `${splits.train} and ${splits.test}`;
  return `Split: ${formatCount(train)} training and ${formatCount(test)} test pictures (${divided}), seed ${seed}`;
}

function repeatCommand({ run, data, protocol }: EvaluateResult, asked: Asked): string {
  const { k, temperature, clusters, testShare, seed } = protocol;
  const flags = flagWords({
    "--data": pathWord(data),
    "--protocol": asked.protocols.join(","),
    "--k": k,
    "--temperature": temperature,
    "--clusters": clusters ?? undefined,
    "--test-share": testShare ?? undefined,
    "--seed": seed,
    "--split": asked.split,
    "--all-files": asked.allFiles ? true : undefined,
    "--background": asked.background,
    "--threads": asked.threads,
    "--cache-dir": asked.cacheDir && pathWord(asked.cacheDir),
  });
  return shellWords(["afterimage", "evaluate", pathWord(run), ...flags]);
}
