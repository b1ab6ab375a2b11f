/** The options of the benchmark. */
import { Command, InvalidArgumentError, Option } from "commander";
import { type BenchCase, CASES } from "./cases.ts";
import { machine } from "./machine.ts";
import type { MeasureOptions } from "./measure.ts";
import { PEERS, type PeerSpec } from "./peer-list.ts";

/** Parts of the benchmark, in their order. */
export const PARTS = ["steps", "profile", "augment", "epoch", "microBatch", "methods"] as const;
export type Part = (typeof PARTS)[number];

export interface Options extends MeasureOptions {
  peers: PeerSpec[];
  cases: BenchCase[];
  parts: readonly Part[];
  json: boolean;
}

type Flags = Partial<Record<Part, true>>;

export function parseOptions(argv: string[]): Omit<Options, "gemm"> {
  const command = new Command("bench").description("Training-step time and peak memory, ours and others'.");
  command.addOption(
    listOption(
      "--peers <names>",
      PEERS,
      PEERS.filter(({ byDefault }) => byDefault),
    ),
  );
  command.addOption(listOption("--cases <names>", CASES, CASES));
  command.option("--runs <n>", "timed steps of each peer", whole, 5);
  command.option("--warmup <n>", "warm-up steps", whole, 2);
  command.option("--threads <n>", "threads of every peer", whole, machine().cores);
  command.option(
    "--step-limit <seconds>",
    "longest acceptable step; a slower peer gets a smaller batch",
    positive,
    8,
  );
  command.option("--python <path>", "a Python with torch", "python3");
  command.option("--profile", "no peers: the time of our own step by operator and by layer");
  command.option("--augment", "views per second instead of steps, compared with torchvision's");
  command.option("--epoch", "no peers: the share of an epoch outside of the step");
  command.option(
    "--micro-batch",
    "no peers: peak memory by the size of the batch, in micro-batches of one size",
  );
  command.option("--methods", "no peers: every method's step compared with the plain pass of its views");
  command.option("--json", "print one JSON object as the last line", false);
  command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
  const given = command.parse(argv).opts<Omit<Options, "gemm" | "parts"> & Flags>();
  const isNarrowed = ["cases", "peers"].some((name) => command.getOptionValueSource(name) === "cli");
  return { ...given, parts: partsOf(given, isNarrowed) };
}

/**
 * The parts that are named. Otherwise all parts that need only this machine, or only the steps if cases or
 * peers are named.
 */
function partsOf(flags: Flags, isNarrowed: boolean): readonly Part[] {
  const named = PARTS.filter((part) => flags[part]);
  if (named.length > 0) return named;
  return isNarrowed ? ["steps"] : ["steps", "epoch", "microBatch", "methods"];
}

function listOption<T extends { name: string }>(
  flags: string,
  all: readonly T[],
  standard: readonly T[],
): Option {
  const names = all.map(({ name }) => name).join(", ");
  const option = new Option(flags, `of ${names}`).default(
    standard,
    standard.map(({ name }) => name).join(","),
  );
  return option.argParser((value: string) => value.split(",").map((name) => find(name, all)));
}

function find<T extends { name: string }>(name: string, all: readonly T[]): T {
  const found = all.find((item) => item.name === name);
  if (found === undefined)
    throw new InvalidArgumentError(`${name} is not one of ${all.map((item) => item.name).join(", ")}.`);
  return found;
}

function whole(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError("It must be a whole number above 0.");
  return number;
}

function positive(value: string): number {
  const number = Number(value);
  if (!(number > 0)) throw new InvalidArgumentError("It must be above 0.");
  return number;
}
