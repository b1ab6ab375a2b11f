/** The beginning of the report: the runs, the machines, training and evaluation. */

import { letter, machinesOf } from "./machines-of.ts";
import { wrapped } from "./markdown.ts";
import { BACKBONES, BATCH_SIZE, IMAGE_SIZE, KNN, TUNED } from "./recipe.ts";
import type { Result } from "./result.ts";

export function headSection(results: readonly Result[]): string {
  return `# Quality

This report compares all methods after the same time of training, in the same evaluation. \`npm run quality\` writes
it from the files in \`quality/results/\`, one for each run. A file records the command, machine, versions and
settings of its run. \`quality/README.md\` describes how to run it.

${facts(results).join("\n")}

${wrapped(trainingText())}

- ${BACKBONES.resnet.title}
- ${BACKBONES.vit.title}

${wrapped(evaluationText())}`;
}

function trainingText(): string {
  return `**Training.** The encoder sees pictures of ${IMAGE_SIZE} × ${IMAGE_SIZE} pixels, and a batch has ${BATCH_SIZE} of them. Each
method uses its own default settings, optimiser and schedule${tuned()}. The time counts training steps only. The number of
epochs is set from the pace of a few steps at the start, and schedules are planned for it. The time spent can differ when
other programs use the machine. Each method trains one of two backbones, by the family of its default:`;
}

function evaluationText(): string {
  return `**Evaluation.** The encoder is the one after the last epoch, never the best one. kNN: all training pictures are the
bank, k ${KNN.k}, temperature ${KNN.temperature}, cosine (pixels: Euclidean, with the same votes). Linear probe: the project's
own, with a learning rate chosen on a fifth of the training pictures. Copies: an edited copy of each test picture (cropped,
mirrored, recoloured, softened; \`demo/copy-edits.ts\`) looks for its original among all test pictures. Other artists: each test
emoji that all artists drew looks for the same emoji among another artist's. Both are recall@1 / recall@5, with the metric of
kNN. Accuracies are percentages of the test pictures, mean ± sample standard deviation over seeds. RankMe: the effective rank
of the test pictures' features. "Warning": the first epoch, in any seed, after which training warned that something looks
wrong.`;
}

function tuned(): string {
  const names = Object.keys(TUNED);
  return names.length === 0 ? "" : ` (other settings, in \`quality/recipe.ts\`: ${names.join(", ")})`;
}

function facts(results: readonly Result[]): string[] {
  if (results.length === 0) return ["There are no results yet."];
  const machines = machinesOf(results);
  const own = results.filter(({ group }) => group !== "peer");
  const trained = results.filter(({ training }) => training !== null);
  const minutes = unique(trained.map(({ minutesAsked }) => `${minutesAsked}`));
  const dates = results.map(({ date }) => date.slice(0, 10)).sort();
  const lines = [
    `- Command: \`${commandOf(minutes)}\``,
    `- Machine: ${machines.length === 1 ? machines[0] : machines.map((text, i) => `${letter(i)}: ${text}`).join("; ")}`,
    `- Versions: ${unique(own.map(versionsOf)).join("; ") || "–"}`,
    `- Dates: ${unique([dates[0]!, dates.at(-1)!]).join(" to ")}`,
    `- Minutes of training a run: ${minutes.join(", ")} asked for, ${spent(results)} spent`,
  ];
  const peers = unique(results.filter(({ group }) => group === "peer").map(versionsOf));
  if (peers.length > 0) lines.push(`- Peers: ${peers.join("; ")}`);
  if (machines.length > 1)
    lines.push(
      "- **Runs were on several machines (column “on”), which take different numbers of steps in the same time.**",
    );
  return lines;
}

function commandOf(minutes: readonly string[]): string {
  const flags = minutes.length === 1 ? ` --minutes ${minutes[0]}` : "";
  return `npm run quality --${flags} --fashion-mnist <folder> --python <python>`;
}

function versionsOf({ versions, machine, group }: Result): string {
  const all = Object.entries(group === "peer" ? versions : { ...versions, node: machine.node });
  return all.map(([name, version]) => `${name} ${version}`).join(", ");
}

function spent(results: readonly Result[]): string {
  const minutes = results.flatMap(({ training }) => (training === null ? [] : [training.minutes]));
  if (minutes.length === 0) return "none";
  return `${Math.min(...minutes).toFixed(1)} to ${Math.max(...minutes).toFixed(1)}`;
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
