/** `afterimage evaluate`: scores of an encoder, of raw pixels and of the untrained network. */
import type { Command } from "commander";
import type { EvaluateOptions, EvaluateResult } from "../jobs/evaluate.ts";
import { EVALUATE_RULES, PROTOCOLS, type Protocol } from "../jobs/evaluate-rules.ts";
import { evaluationTable } from "./evaluation-table.ts";
import { type OutputOptions, printOutcome } from "./output.ts";
import { addPictureOptions, threadsOption } from "./shared-options.ts";
import { withProgress } from "./show-progress.ts";
import { requiredOption, requireFlag, valueOption } from "./value-option.ts";

interface Flags extends OutputOptions, Partial<Omit<EvaluateOptions, "run" | "protocols" | "onProgress">> {
  protocol?: Protocol[];
}

const DATA = "labelled pictures: a folder with a sub-folder for each class, or a list file";

const TEST_SHARE =
  "share of each class held out for testing (default: 0.2, or cross-validation if that is fewer than 1,000 pictures)";

const SPLIT = {
  help: "split to test on, if the pictures have splits; all: divide all pictures by --test-share",
  fallback: "val, or test if there is no val; train is for training",
};

const EXAMPLES = `
Examples:
  afterimage evaluate runs/mine --data ~/labelled
  afterimage evaluate runs/mine --data ~/labelled --protocol knn,linear --json`;

export function evaluateCommand(command: Command): void {
  const { data, protocols, k, temperature, testShare, seed } = EVALUATE_RULES;
  command
    .addOption(requiredOption("--data", data, DATA))
    .addOption(valueOption("--protocol", protocols, "evaluations to run, separated by commas", "all"))
    .addOption(valueOption("--k", k, "neighbours that vote in kNN", "20"))
    .addOption(valueOption("--temperature", temperature, "temperature of the kNN vote", "0.07"))
    .addOption(valueOption("--test-share", testShare, TEST_SHARE))
    .addOption(valueOption("--seed", seed, "seed of the split and the probe", "0"))
    .addOption(threadsOption());
  addPictureOptions(command, SPLIT).addHelpText("after", EXAMPLES).action(run);
}

async function run(folder: string, flags: Flags): Promise<void> {
  const data = requireFlag(flags.data, "--data <pictures>");
  const { evaluate } = await import("../jobs/evaluate.ts");
  const { protocol = PROTOCOLS, json: _, quiet: __, ...options } = flags;
  const protocols = [...new Set(protocol)];
  const result: EvaluateResult = await withProgress(flags, ({ onProgress }) =>
    evaluate({ ...options, run: folder, data, protocols, onProgress }),
  );
  printOutcome(result, evaluationTable(result, { protocols, ...options }), flags);
}
