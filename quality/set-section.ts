/** The tables of one set: methods, baselines, and the bars for methods. */
import { barsTable } from "./bars-table.ts";
import type { Contestant } from "./contestant.ts";
import { type Entry, firstWarning, meanOfTraining, ofGroup } from "./entry.ts";
import { letter, machinesOf } from "./machines-of.ts";
import { markdownTable, percentWithSpread, recallsInPercent, wrapped } from "./markdown.ts";
import type { Refusal } from "./result.ts";
import { mean } from "./statistics.ts";

/** Columns of the tasks that search for a picture, rather than its kind. */
const TASKS = ["copies", "other artists"] as const;

interface Others {
  /** Machines of all results of all sets. */
  machines: readonly string[];
  /** Everything that can be run. */
  known: readonly Pick<Contestant, "name" | "title" | "group">[];
  /** Refusals of this set. */
  refused: readonly Refusal[];
}

/** @param entries at least one, of one set. */
export function setSection(entries: readonly Entry[], { known, refused, machines }: Others): string {
  const { setTitle, protocol } = entries[0]!.first;
  const methods = ofGroup(entries, "method");
  const parts = [`## ${setTitle}`, wrapped(protocol)];
  if (methods.length > 0) parts.push(methodsTable(methods, ofGroup(entries, "peer"), machines));
  const there = [...methods.map(({ first }) => first.name), ...refused.map(({ name }) => name)];
  const missing = known.filter(({ name, group }) => group === "method" && !there.includes(name));
  if (refused.length > 0) parts.push(refusedText(refused));
  if (missing.length > 0) parts.push(`Not run yet: ${missing.map(({ title }) => title).join(", ")}.`);
  const baselines = ofGroup(entries, "baseline");
  if (baselines.length > 0) parts.push("Baselines:", baselinesTable(baselines));
  if (methods.length > 0) parts.push(barsTable(methods, entries));
  return parts.join("\n\n");
}

/** The reasons, each once for all seeds. */
function refusedText(refused: readonly Refusal[]): string {
  return `Left out: ${[...new Set(refused.map((refusal) => refusal.refused))].join("; ")}.`;
}

function methodsTable(
  methods: readonly Entry[],
  peers: readonly Entry[],
  machines: readonly string[],
): string {
  const where = (entry: Entry) => (machines.length > 1 ? [lettersOf(entry, machines)] : []);
  const on = machines.length > 1 ? ["on"] : [];
  const head = [
    "method",
    "kNN",
    "linear probe",
    ...TASKS,
    "RankMe",
    "epochs",
    "pictures/s",
    "seeds",
    "warning",
    ...on,
  ];
  const peerHead = ["lightly: kNN", "linear probe", "epochs", "pictures/s", ...on];
  const rows = methods.map((entry) => {
    const peer = peers.find(({ first }) => first.of === entry.first.name);
    const own = [
      entry.first.title,
      ...[knnOf(entry), linearOf(entry), ...tasksOf(entry), entry.rankMe.toFixed(1), ...paceOf(entry)],
      `${entry.results.length}`,
      ...[warningOf(entry), ...where(entry)],
    ];
    const beside =
      peer === undefined
        ? peerHead.map(() => "–")
        : [knnOf(peer), linearOf(peer), ...paceOf(peer), ...where(peer)];
    return peers.length === 0 ? own : [...own, ...beside];
  });
  return markdownTable(peers.length === 0 ? head : [...head, ...peerHead], rows);
}

function baselinesTable(baselines: readonly Entry[]): string {
  const head = ["baseline", "kNN", "linear probe", ...TASKS, "own classifier", "RankMe", "epochs", "seeds"];
  const rows = baselines.map((entry) => [
    entry.first.title,
    knnOf(entry),
    linearOf(entry),
    ...tasksOf(entry),
    classifierOf(entry),
    entry.rankMe.toFixed(1),
    paceOf(entry)[0]!,
    `${entry.results.length}`,
  ]);
  return markdownTable(head, rows);
}

function lettersOf({ results }: Entry, machines: readonly string[]): string {
  return machinesOf(results)
    .map((machine) => letter(machines.indexOf(machine)))
    .join(", ");
}

function knnOf({ knn, knnDeviation }: Entry): string {
  return percentWithSpread(knn, knnDeviation);
}

function linearOf({ linear, linearDeviation }: Entry): string {
  return percentWithSpread(linear, linearDeviation);
}

function tasksOf({ copies, artists }: Entry): string[] {
  return [recallsInPercent(copies), recallsInPercent(artists)];
}

/** Epochs and pictures a second. */
function paceOf(entry: Entry): string[] {
  const epochs = meanOfTraining(entry, (training) => training.epochs);
  const rate = meanOfTraining(entry, (training) => training.picturesPerSecond);
  const few = epochs !== null && epochs < 10;
  return [epochs?.toFixed(few ? 1 : 0) ?? "–", rate?.toFixed(0) ?? "–"];
}

function classifierOf({ results }: Entry): string {
  const shares = results.flatMap(({ figures }) => (figures.classifier === null ? [] : [figures.classifier]));
  return shares.length === 0 ? "–" : percentWithSpread(mean(shares), null);
}

function warningOf(entry: Entry): string {
  const epoch = firstWarning(entry);
  return epoch === null ? "never" : `epoch ${epoch}`;
}
