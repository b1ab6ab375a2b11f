/** The page of few labels: one table for each set. */
import { WAYS } from "afterimage";
import { markdownTable, percentWithSpread, wrapped } from "../markdown.ts";
import { deviation, mean } from "../statistics.ts";
import type { FewLabelsFile } from "./few-labels-file.ts";

const NAMES = {
  fineTuned: "fine-tuned",
  scratch: "from scratch",
  linear: "linear probe",
  knn: "kNN",
} as const;

const HEAD = `# Few labels

\`npm run quality -- --few-labels\` writes this page. An encoder is trained without labels on all training pictures.
Then a share of their labels is used in four ways: fine-tuning (with the defaults of \`afterimage finetune\`), the
same network and recipe from scratch, a linear probe on the frozen features, and kNN. All are tested on the same
pictures, which no training saw. Scores are accuracies in percent, mean ± deviation over seeds; a seed is that of
the encoder, of the drawn labels and of the training.`;

export function fewLabelsPage(files: readonly FewLabelsFile[]): string {
  const sets = [...new Set(files.map(({ set }) => set))];
  const sections = sets.map((set) => sectionOf(files.filter((file) => file.set === set)));
  return `${[HEAD, ...sections].join("\n\n")}\n`;
}

function sectionOf(files: readonly FewLabelsFile[]): string {
  const [first] = files as [FewLabelsFile];
  const { title, encoder, tested, command } = first;
  const amounts = [...new Set(files.flatMap(({ rows }) => rows.map(({ amount }) => amount)))];
  const seeds = files.length === 1 ? "one seed" : `${files.length} seeds`;
  const about = wrapped(
    `${seeds}, ${tested} test pictures, encoder: ${encoder.method}, ${encoder.epochs} epochs. ` +
      `Command: \`${command}\`. ${machinesText(files)}`,
  );
  const head = ["labels", "pictures", "epochs", ...WAYS.map((way) => NAMES[way]), "seconds"];
  return [
    `## ${title}`,
    about,
    markdownTable(
      head,
      amounts.map((amount) => rowOf(files, amount)),
    ),
  ].join("\n\n");
}

function rowOf(files: readonly FewLabelsFile[], amount: string): string[] {
  const rows = files.flatMap(({ rows: all }) => all.filter((row) => row.amount === amount));
  const scores = WAYS.map((way) => rows.map(({ scores: own }) => own[way].value));
  const seconds = mean(rows.map((row) => row.seconds));
  const [{ pictures, epochs }] = rows as [(typeof rows)[number]];
  return [
    ...[amount, `${pictures}`, `${epochs}`],
    ...scores.map((values) => percentWithSpread(mean(values), deviation(values))),
    seconds.toFixed(0),
  ];
}

function machinesText(files: readonly FewLabelsFile[]): string {
  const machines = [
    ...new Set(files.map(({ machine, threads }) => `${machine.cpu}, ${threads} of ${machine.cores} cores`)),
  ];
  const dates = files.map(({ date }) => date).sort();
  return `${machines.join("; ")}; ${[...new Set([dates[0], dates.at(-1)])].join(" to ")}.`;
}
