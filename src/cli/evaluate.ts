/** `afterimage evaluate`: how good an encoder is, beside raw pixels and the untrained network. */
import type { Command } from "commander";
import type { EvaluateOptions, EvaluateResult, Protocol } from "../jobs/evaluate.ts";
import { evaluationTable } from "./evaluation-table.ts";
import { type OutputOptions, printOutcome } from "./output.ts";
import { cacheDirOption, threadsOption } from "./shared-options.ts";
import { withProgress } from "./show-progress.ts";
import { numberWithin, someOf, text, wholeNumber } from "./value-kinds.ts";
import { requiredOption, requireFlag, valueOption } from "./value-option.ts";

interface Flags extends OutputOptions, Partial<Omit<EvaluateOptions, "run" | "protocols" | "onProgress">> {
  protocol?: Protocol[];
}

/** Total by type: a new protocol has to be named here. */
const PROTOCOL_NAMES = Object.keys({
  knn: true,
  linear: true,
  retrieval: true,
} satisfies Record<Protocol, true>) as Protocol[];

const DATA = "labelled pictures: a folder with a sub-folder for each class, or a list file";

export function evaluateCommand(command: Command): void {
  const protocols = someOf("names", PROTOCOL_NAMES);
  const share = numberWithin({ above: 0, below: 1 });
  command
    .addOption(requiredOption("--data", text("pictures"), DATA))
    .addOption(valueOption("--protocol", protocols, "what to score by, with commas between", "all"))
    .addOption(valueOption("--k", wholeNumber(1), "neighbours that vote in kNN", "20"))
    .addOption(valueOption("--temperature", numberWithin({ above: 0 }), "of the kNN vote", "0.07"))
    .addOption(valueOption("--test-share", share, "share of each class held out for testing", "0.2"))
    .addOption(valueOption("--seed", wholeNumber(0), "seed of the split and the probe", "0"))
    .addOption(threadsOption())
    .addOption(cacheDirOption())
    .action(run);
}

async function run(folder: string, flags: Flags): Promise<void> {
  const data = requireFlag(flags.data, "--data <pictures>");
  const { evaluate } = await import("../jobs/evaluate.ts");
  const { protocol = PROTOCOL_NAMES, json: _, quiet: __, ...options } = flags;
  const protocols = [...new Set(protocol)];
  const result: EvaluateResult = await withProgress(flags, ({ onProgress }) =>
    evaluate({ ...options, run: folder, data, protocols, onProgress }),
  );
  printOutcome(result, evaluationTable(result, { protocols, ...options }), flags);
}
