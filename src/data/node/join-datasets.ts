import { textHash } from "../content-hash.ts";
import { canvasBytes, makeDataset, type PictureDataset } from "../picture-dataset.ts";
import { joinFindings } from "../picture-findings.ts";
import { sortLabels } from "../sort-labels.ts";
import type { WrittenLabels } from "../written-labels.ts";

/** A data set, and a prefix for the names of its pictures. */
export interface JoinedPart {
  prefix: string;
  dataset: PictureDataset;
}

/**
 * Concatenates data sets of the same canvas. Classes are merged by name; if one data set has none, the result
 * has none. Closing the result closes them all.
 */
export function joinDatasets(parts: readonly JoinedPart[]): PictureDataset {
  const datasets = parts.map(({ dataset }) => dataset);
  const { canvas } = datasets[0]!;
  const bare = parts.find(({ dataset }) => dataset.labels === null || dataset.classNames === null);
  const classNames = bare === undefined ? classesOf(datasets) : null;
  const fingerprint = textHash(JSON.stringify(parts.map((one) => [one.prefix, one.dataset.fingerprint])));
  const written = joinWritten(datasets);
  const somewhere = datasets.some(({ labels, unlabelled }) => labels !== null || unlabelled);
  return makeDataset(
    {
      ...{ canvas, classNames, fingerprint },
      labels: classNames && Int32Array.from(datasets.flatMap((one) => labelsIn(one, classNames))),
      names: parts.flatMap(({ prefix, dataset }) => dataset.names.map((name) => prefix + name)),
      heights: Int32Array.from(datasets.flatMap(({ heights }) => [...heights])),
      widths: Int32Array.from(datasets.flatMap(({ widths }) => [...widths])),
      skipped: parts.flatMap(({ prefix, dataset }) =>
        dataset.skipped.map(({ path, reason }) => ({ path: prefix + path, reason })),
      ),
      findings: joinFindings(
        parts.map(({ prefix, dataset }) => ({ prefix, findings: dataset.findings ?? {} })),
      ),
      notes: [...new Set(datasets.flatMap(({ notes = [] }) => notes))],
      unlabelled: bare && somewhere ? whyBare(bare) : null,
      ...(written && { written }),
    },
    {
      read: (indices, out) => readFrom(datasets, indices, out),
      close: async () => void (await Promise.all(datasets.map((dataset) => dataset.close()))),
    },
  );
}

/** Written labels of all data sets; undefined if one has none. Parts of one list have the same columns. */
function joinWritten(datasets: readonly PictureDataset[]): WrittenLabels | undefined {
  const all = datasets.flatMap(({ written }) => written ?? []);
  if (all.length < datasets.length) return undefined;
  return { ...all[0]!, rows: all.flatMap(({ rows }) => rows) };
}

function whyBare({ prefix, dataset }: JoinedPart): string {
  return dataset.unlabelled ?? `${prefix || "a split"} has no classes`;
}

/** The classes of all data sets. If all have the same order, it is kept. */
function classesOf(datasets: readonly PictureDataset[]): readonly string[] {
  const lists = datasets.map(({ classNames }) => classNames!);
  const first = JSON.stringify(lists[0]);
  return lists.every((list) => JSON.stringify(list) === first)
    ? lists[0]!
    : sortLabels(new Set(lists.flat()));
}

function labelsIn({ labels, classNames }: PictureDataset, all: readonly string[]): number[] {
  const places = new Map(all.map((name, place) => [name, place]));
  return Array.from(labels!, (label) => places.get(classNames![label]!)!);
}

/** Begins to read from all parts at once, and puts their canvases in place. */
async function readFrom(
  datasets: readonly PictureDataset[],
  indices: ArrayLike<number>,
  out: Uint8Array,
): Promise<void> {
  const size = canvasBytes(datasets[0]!.canvas);
  let start = 0;
  const reads = datasets.map(async (dataset) => {
    const [from, to] = [start, start + dataset.size];
    start = to;
    const places = Array.from(indices, (index, place) => ({ index, place })).filter(
      ({ index }) => index >= from && index < to,
    );
    const canvases = new Uint8Array(places.length * size);
    await dataset.readBatch(
      places.map(({ index }) => index - from),
      canvases,
    );
    for (const [i, { place }] of places.entries())
      out.set(canvases.subarray(i * size, (i + 1) * size), place * size);
  });
  const failed = (await Promise.allSettled(reads)).find((read) => read.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
