/**
 * The step time of one training step, ours beside others'. `npm run bench -- --help` lists the options,
 * bench/README.md says what the columns mean.
 */
import { Command, InvalidArgumentError, Option } from "commander";
import { augmentTable, measureAugmentation } from "./augment.ts";
import { type BenchCase, CASES } from "./cases.ts";
import { gemmSpeed } from "./gemm-speed.ts";
import { machine } from "./machine.ts";
import { type CaseResult, type MeasureOptions, measureCase, type Row } from "./measure.ts";
import { installPeers, PEERS, type PeerSpec } from "./peer-list.ts";
import { profileCase, profileText } from "./profile.ts";
import { caseTable, commandLine, engines, figures, heading } from "./table.ts";

interface Options extends MeasureOptions {
  peers: PeerSpec[];
  cases: BenchCase[];
  json?: true;
  profile?: true;
  augment?: true;
}

function parseOptions(argv: string[]): Omit<Options, "gemm"> {
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
  command.option("--warmup <n>", "steps before those", whole, 2);
  command.option("--threads <n>", "threads of every peer", whole, machine().cores);
  command.option(
    "--step-limit <seconds>",
    "longest step worth waiting for: above it, a smaller batch",
    positive,
    8,
  );
  command.option("--python <path>", "the Python that has torch", "python3");
  command.option("--profile", "no peers: where the time of our own step goes, by operator and by layer");
  command.option("--augment", "views a second instead of steps, beside torchvision's");
  command.option("--json", "print one JSON object as the last line");
  command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
  return command.parse(argv).opts<Omit<Options, "gemm">>();
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

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Installs what is missing; peers that cannot be installed become rows that say so. */
function split(peers: PeerSpec[]): { present: PeerSpec[]; absent: Row[] } {
  const needed = peers.some(({ fromNpm }) => fromNpm);
  const failure = needed ? installPeers(log) : undefined;
  if (failure === undefined) return { present: peers, absent: [] };
  const absent = peers.filter(({ fromNpm }) => fromNpm).map(({ name }) => ({ peer: name, missing: failure }));
  return { present: peers.filter(({ fromNpm }) => !fromNpm), absent };
}

function report(results: CaseResult[], options: Options): object {
  const { threads, runs, warmup, peers } = options;
  const commands = Object.fromEntries(peers.map((peer) => [peer.name, commandLine(peer, options)]));
  const cases = results.map((result) => ({
    ...result,
    rows: result.rows.map((row) => ("missing" in row ? row : { ...row, ...figures(row, result) })),
  }));
  return { machine: machine(), threads, runs, warmup, commands, cases };
}

async function profileAll(options: Options): Promise<void> {
  console.log(heading(machine(), options.gemm, options, []));
  const profiles = [];
  for (const benchCase of options.cases) {
    const profile = await profileCase(benchCase, options);
    profiles.push(profile);
    console.log(`\n${profileText(profile)}`);
  }
  if (options.json) console.log(JSON.stringify({ machine: machine(), profiles }));
}

const parsed = parseOptions(process.argv);
const options: Options = { ...parsed, gemm: await gemmSpeed(parsed.threads) };
async function measureViews(options: Options): Promise<void> {
  console.log(heading(machine(), options.gemm, options, []));
  const rows = await measureAugmentation(options);
  console.log(`\n${augmentTable(rows)}`);
  if (options.json) console.log(JSON.stringify({ machine: machine(), augmentation: rows }));
}

if (options.augment) {
  await measureViews(options);
  process.exit(0);
}
if (options.profile) {
  await profileAll(options);
  process.exit(0);
}
const { present, absent } = split(options.peers);
console.log(heading(machine(), options.gemm, options, options.peers));
const results: CaseResult[] = [];
const told = new Set<string>();
for (const benchCase of options.cases) {
  const result = await measureCase(benchCase, present, options, log);
  result.rows.push(...absent);
  results.push(result);
  console.log(`${engines(result, told)}\n${caseTable(result)}`);
}
if (options.json) console.log(JSON.stringify(report(results, options)));
