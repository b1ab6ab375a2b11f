/** The results of the runs on text, as a part of a page. Pure functions to text. */
import { markdownTable, wrapped } from "../markdown.ts";
import type { TextResult } from "./result.ts";
import { SETTINGS, WAYS } from "./ways.ts";

/** Between these marks stands what this module writes. */
const BEGIN = "<!-- results of npm run quality -- --text -->";
const END = "<!-- end of results -->";

/** The page with the part between the marks replaced by these results. Repeating it changes nothing. */
export function withTextResults(page: string, results: readonly TextResult[]): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) return page;
  return `${page.slice(0, begin + BEGIN.length)}\n${partOf(results)}\n${page.slice(end)}`;
}

function partOf(results: readonly TextResult[]): string {
  const sizes = [...new Set(results.map(({ vocabulary }) => vocabulary))].sort((a, b) => a - b);
  const tables = sizes.map((size) => tableOf(results.filter(({ vocabulary }) => vocabulary === size)));
  return [aboutOf(results), ...tables, barsOf(results, sizes)].join("\n\n");
}

function aboutOf(results: readonly TextResult[]): string {
  const { text, machine } = results[0]!;
  const dates = results.map(({ date }) => date.slice(0, 10)).sort();
  const { order, width, hidden, batchSize, draws, epochs, learningRate } = SETTINGS;
  return wrapped(
    `The State of the Union addresses: ${count(text.training)} words of training, ends of sentences included, and ` +
      `${count(text.test)} of test, the last tenth by time. All models have the order ${order}. The network has D = ` +
      `${width} and H = ${hidden}, and learns ${epochs === 1 ? "one epoch" : `${epochs} epochs`} in batches of ` +
      `${batchSize} with AdamW at ${learningRate}, falling to a twentieth; K = ${draws}. Seconds are of one core, ` +
      `counted by the processor's own time. *Mixed* is the perplexity of half the network's probability and half ` +
      `that of modified Kneser–Ney. Seed ${results[0]!.seed}; ${machine.cpu}, one thread, Node ${machine.node}; ` +
      `${[...new Set([dates[0], dates.at(-1)])].join(" to ")}. \`npm run quality -- --text\` repeats them; the files are ` +
      "in `quality/text/results`.",
  );
}

function tableOf(results: readonly TextResult[]): string {
  const { vocabulary, known, text } = results[0]!;
  const unused =
    known < vocabulary ? ` The text has ${count(known)} of them; the other rows never occur.` : "";
  const unknown = ((100 * text.unknown) / text.test).toFixed(1);
  const head = wrapped(
    `**V = ${count(vocabulary)}.** ${unknown} % of the test's words are unknown.${unused}`,
  );
  const rows = WAYS.flatMap(({ name, title }) => {
    const result = results.find(({ way }) => way === name);
    return result === undefined ? [] : [rowOf(title, result)];
  });
  const columns = ["model", "perplexity", "mixed", "log Z", "seconds", "ms a step"];
  return `${head}\n\n${markdownTable(columns, rows)}`;
}

function rowOf(
  title: string,
  { perplexity, mixed, logNormalizer, seconds, steps, bare }: TextResult,
): string[] {
  const spread = logNormalizer && `${signed(logNormalizer.mean)} ± ${logNormalizer.deviation.toFixed(2)}`;
  return [
    bare === null ? title : `${title} (bare scores: ${bare.toFixed(1)})`,
    perplexity.toFixed(1),
    mixed?.toFixed(1) ?? "–",
    spread ?? "–",
    seconds.processor.toFixed(0),
    steps === null ? "–" : ((1000 * seconds.processor) / steps).toFixed(1),
  ];
}

/** What was asked of the comparison, and what it says. */
function barsOf(results: readonly TextResult[], sizes: readonly number[]): string {
  const rows = sizes.flatMap((size) => {
    const find = (name: string) => results.find(({ way, vocabulary }) => way === name && vocabulary === size);
    const [softmax, nce, counted] = ["softmax", "nce", "modified-kneser-ney"].map(find);
    if (softmax === undefined || nce === undefined || counted === undefined) return [];
    const speed = softmax.seconds.processor / nce.seconds.processor;
    const ratio = nce.perplexity / softmax.perplexity;
    return [
      [count(size), speed.toFixed(1), ratio.toFixed(3), nce.mixed!.toFixed(1), counted.perplexity.toFixed(1)],
    ];
  });
  if (rows.length === 0) return "The full softmax is not run yet.";
  const head = [
    "V",
    "time, full softmax / NCE",
    "perplexity, NCE / full softmax",
    "NCE mixed with modified Kneser–Ney",
    "modified Kneser–Ney alone",
  ];
  return markdownTable(head, rows);
}

/** Two decimals; what rounds to 0 has no sign. */
function signed(value: number): string {
  return value.toFixed(2).replace(/^-(0\.00)$/, "$1");
}

function count(value: number): string {
  return value.toLocaleString("en");
}
