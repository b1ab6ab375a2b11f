/**
 * The time of one training step, compared with others, and further costs of a run. `npm run bench -- --help`
 * lists the options; bench/README.md explains the columns.
 */
import { augmentTable, measureAugmentation } from "./augment.ts";
import { epochTable, measureEpochs } from "./epoch.ts";
import { gemmSpeed } from "./gemm-speed.ts";
import { machine } from "./machine.ts";
import { type CaseResult, measureCase, type Row } from "./measure.ts";
import { measureMethods, methodTable } from "./methods/measure-methods.ts";
import { measureMicroBatches, microBatchTable } from "./micro-batch.ts";
import { type Options, type Part, parseOptions } from "./options.ts";
import { installPeers, type PeerSpec } from "./peer-list.ts";
import { profileCase, profileText } from "./profile.ts";
import { caseTable, commandLine, engines, figures, heading } from "./table.ts";

/** Each part prints its tables, and returns its entries of the JSON object. */
const PARTS: Readonly<Record<Part, (options: Options) => Promise<object>>> = {
  steps: measureSteps,
  async profile(options) {
    const profiles = [];
    for (const benchCase of options.cases) {
      const profile = await profileCase(benchCase, options);
      profiles.push(profile);
      console.log(`\n${profileText(profile)}`);
    }
    return { profiles };
  },
  async augment(options) {
    const augmentation = await measureAugmentation(options);
    console.log(`\n${augmentTable(augmentation)}`);
    return { augmentation };
  },
  async epoch(options) {
    const epochs = await measureEpochs(options, log);
    console.log(`\n${epochTable(epochs)}`);
    return { epochs };
  },
  async microBatch(options) {
    const microBatches = await measureMicroBatches(options, log);
    console.log(`\n${microBatchTable(microBatches)}`);
    return { microBatches };
  },
  async methods(options) {
    const methods = await measureMethods(options, ({ method }) => log(`${method} is measured`));
    console.log(`\n${methodTable(methods)}`);
    return { methods };
  },
};

async function measureSteps(options: Options): Promise<object> {
  const { present, absent } = split(options.peers);
  const results: CaseResult[] = [];
  const told = new Set<string>();
  for (const benchCase of options.cases) {
    const result = await measureCase(benchCase, present, options, log);
    result.rows.push(...absent);
    results.push(result);
    console.log(`${engines(result, told)}\n${caseTable(result)}`);
  }
  return stepReport(results, options);
}

/** Installs missing packages. Peers that cannot be installed become rows that say so. */
function split(peers: PeerSpec[]): { present: PeerSpec[]; absent: Row[] } {
  const needed = peers.some(({ fromNpm }) => fromNpm);
  const failure = needed ? installPeers(log) : undefined;
  if (failure === undefined) return { present: peers, absent: [] };
  const absent = peers.filter(({ fromNpm }) => fromNpm).map(({ name }) => ({ peer: name, missing: failure }));
  return { present: peers.filter(({ fromNpm }) => !fromNpm), absent };
}

function stepReport(results: CaseResult[], options: Options): object {
  const { threads, runs, warmup, peers } = options;
  const commands = Object.fromEntries(peers.map((peer) => [peer.name, commandLine(peer, options)]));
  const cases = results.map((result) => ({
    ...result,
    rows: result.rows.map((row) => ("missing" in row ? row : { ...row, ...figures(row, result) })),
  }));
  return { threads, runs, warmup, commands, cases };
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

const parsed = parseOptions(process.argv);
const options: Options = { ...parsed, gemm: await gemmSpeed(parsed.threads) };
const withPeers = options.parts.includes("steps");
console.log(heading(machine(), options.gemm, options, withPeers ? options.peers : []));
const report: object = { machine: machine() };
for (const part of options.parts) Object.assign(report, await PARTS[part](options));
if (options.json) console.log(JSON.stringify(report));
process.exit(0);
