/** What was done, where and how: the beginning of the report. */

import { letter, machinesOf } from "./machines-of.ts";
import { BACKBONES, BATCH_SIZE, IMAGE_SIZE, KNN, TUNED } from "./recipe.ts";
import type { Result } from "./result.ts";

export function headSection(results: readonly Result[]): string {
  return `# Quality

What every method learns in the same time, judged alike. Written by \`npm run quality\` from the files
in \`quality/results/\`, one a run, which hold the command, machine, versions and settings of each; \`quality/README.md\` says
how to run it.

${facts(results).join("\n")}

**How it is trained.** Pictures of ${IMAGE_SIZE} pixels, batches of ${BATCH_SIZE}, each method with its own default settings, optimiser and
schedule${tuned()}. The time covers training steps alone. The number of epochs follows from the pace of a few steps at the start, and
schedules know it; what was really spent can differ when other programs use the machine. Methods are trained with one of two
backbones, by the family that is their default:

- ${BACKBONES.resnet.title}
- ${BACKBONES.vit.title}

**How it is judged.** The encoder after the last epoch, never the best one. kNN: all training pictures as the bank, k ${KNN.k}, temperature
${KNN.temperature}, cosine (pixels: Euclidean, votes alike). Linear probe: the project's own, its learning rate chosen by a fifth of the
training pictures. Copies: an edited copy of each test picture (cropped, mirrored, recoloured, softened; \`demo/copy-edits.ts\`) looks
for its original among all test pictures. Other artists: each test emoji that all artists drew looks for the same emoji
among another artist's. Both as recall@1 / recall@5, the same metric as kNN. Accuracies in percent of the test pictures, mean ± sample standard deviation over seeds. RankMe: the
effective rank of the test pictures' features. "Warning": the first epoch after which training told that something looks
wrong, in any seed.`;
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
      "- **Not all runs were on the same machine (column “on”): in the same time they took other numbers of steps.**",
    );
  if (minutes.length > 1) lines.push("- **Not all runs had the same time: their rows cannot be compared.**");
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
