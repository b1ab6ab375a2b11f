import { stepFlops } from "./cases.ts";
import type { Machine } from "./machine.ts";
import type { CaseResult, MeasuredRow, MeasureOptions, Row } from "./measure.ts";
import { OURS, type PeerSpec } from "./peer-list.ts";

/** The median: the middle value, or the mean of the two middle values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

/** Numbers derived from a measured row and its case. */
export interface Figures {
  stepMs: number;
  fastestMs: number;
  imageMs: number;
  imagesPerSecond: number;
  gflops: number;
  /** A share of the speed of the machine's fastest product. */
  gemmShare: number;
  /** Time for a picture as a multiple of ours. */
  timesOurs?: number;
  /** Whether the losses are those of most peers. */
  agrees: boolean;
}

export function figures(row: MeasuredRow, result: CaseResult): Figures {
  const imageMs = median(row.ms) / row.batch;
  const ours = measuredRows(result).find(({ peer }) => peer === OURS);
  return {
    stepMs: median(row.ms),
    fastestMs: Math.min(...row.ms),
    imageMs,
    imagesPerSecond: 1000 / imageMs,
    gflops: stepFlops(result.case) / imageMs / 1e6,
    gemmShare: stepFlops(result.case) / imageMs / 1e6 / result.gemm,
    ...(ours === undefined ? {} : { timesOurs: imageMs / (median(ours.ms) / ours.batch) }),
    agrees: agrees(row, measuredRows(result)),
  };
}

function measuredRows(result: CaseResult): MeasuredRow[] {
  return result.rows.filter((row): row is MeasuredRow => !("missing" in row));
}

/**
 * Whether each loss is within a thousandth of the median of all peers, or within 2e-5, because the second may
 * be near 0.
 */
function agrees(row: MeasuredRow, rows: MeasuredRow[]): boolean {
  return row.losses.every((loss, step) => {
    const usual = median(rows.map(({ losses }) => losses[step]!));
    return Math.abs(loss - usual) <= 1e-3 * Math.abs(usual) + 2e-5;
  });
}

/** The lines before the tables: the machine, the peers and the method. */
export function heading(
  machine: Machine,
  gemm: number,
  options: MeasureOptions,
  peers: readonly PeerSpec[],
): string {
  const { cpu, cores, memoryGiB, system, node } = machine;
  const { threads, runs, warmup } = options;
  return [
    `machine   ${cpu}, ${cores} cores, ${memoryGiB} GiB; ${system}; Node ${node}`,
    `gemm      ${gemm.toFixed(0)} GFLOP/s, the fastest of some float32 products on ONNX Runtime`,
    `threads   ${threads} for every peer that has them`,
    `method    medians of ${runs} steps after ${warmup} to warm up; peers take turns, one step each`,
    ...peers.map(
      (peer) => `peer      ${peer.name}: ${peer.about}\n            ${commandLine(peer, options)}`,
    ),
  ].join("\n");
}

/** The command of a peer with this project's folder left out. */
export function commandLine(peer: PeerSpec, options: { python: string }): string {
  const root = new URL("..", import.meta.url);
  const short = peer.command(options).map((part) => part.replace(root.href, "").replace(root.pathname, ""));
  return short.map((part) => (part === process.execPath ? "node" : part)).join(" ");
}

/** The engine and build of each measured peer that was not printed before. */
export function engines(result: CaseResult, told: Set<string>): string {
  const fresh = measuredRows(result).filter(({ peer }) => !told.has(peer));
  for (const { peer } of fresh) told.add(peer);
  return fresh
    .map(({ peer, engine, build }) => `engine    ${[`${peer}: ${engine}`, ...build].join("; ")}\n`)
    .join("");
}

const COLUMNS = [
  "peer",
  "threads",
  "batch",
  "step ms",
  "fastest",
  "img/s",
  "ms/img",
  "GFLOP/s",
  "of GEMM",
  "× ours",
  "peak MB",
  "",
];

/** The table of one case. */
export function caseTable(result: CaseResult): string {
  const { name, batch, imageSize } = result.case;
  const rows = result.rows
    .filter((row) => !("missing" in row))
    .map((row) => cells(row as MeasuredRow, result));
  const missing = result.rows.flatMap((row: Row) =>
    "missing" in row ? [`${row.peer}: ${row.missing}`] : [],
  );
  const title = `${name}, ${imageSize}×${imageSize}, batch ${batch}`;
  return [
    `${title}${load(result)}`,
    ...(rows.length === 0 ? [] : alignColumns([COLUMNS, ...rows])),
    ...missing,
  ].join("\n");
}

function load({ othersCores }: CaseResult): string {
  if (othersCores === undefined) return "";
  const warning = othersCores > 0.2 ? ": not a quiet machine, the times are too long" : "";
  return ` (other programs used ${othersCores.toFixed(2)} cores meanwhile${warning})`;
}

function cells(row: MeasuredRow, result: CaseResult): string[] {
  const { stepMs, fastestMs, imagesPerSecond, imageMs, gflops, gemmShare, timesOurs, agrees } = figures(
    row,
    result,
  );
  const smaller =
    row.batch < result.case.batch ? ["smaller batch, because a step on the whole is too slow"] : [];
  const different = agrees
    ? []
    : [`losses differ: ${row.losses.map((loss) => loss.toPrecision(5)).join(", ")}`];
  return [
    row.peer,
    String(row.threads),
    String(row.batch),
    ...[stepMs, fastestMs, imagesPerSecond, imageMs, gflops].map(digits),
    `${(100 * gemmShare).toFixed(0)} %`,
    timesOurs === undefined ? "–" : timesOurs.toFixed(2),
    digits(row.peakBytes / 1e6),
    [...different, ...smaller, ...row.notes].join("; "),
  ];
}

/** Three significant digits, and every digit before the point. */
function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** Pads cells so that columns line up: the first and last to the left, the others to the right. */
export function alignColumns(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const pad = (cell: string, column: number) => {
    if (column === 0) return cell.padEnd(widths[0]!);
    return column === rows[0]!.length - 1 ? cell : cell.padStart(widths[column]!);
  };
  return rows.map((row) => row.map(pad).join("  ").trimEnd());
}
