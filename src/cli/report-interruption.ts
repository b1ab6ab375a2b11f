import { counted } from "./format.ts";
import type { JobCall } from "./job-call.ts";
import { printData, printMessage } from "./output.ts";
import { pathWord, shellWords } from "./shell-words.ts";

interface Interrupted {
  run: string;
  steps: number;
  notes: readonly string[];
}

/** Prints how to resume: the same command, which repeats its flags. */
export function reportInterruption<Options>(result: Interrupted | null, call: JobCall<Options>): void {
  if (call.values.json) printData(result === null ? { run: null, interrupted: true } : call.inFlags(result));
  const again = process.argv.slice(2).filter((word) => word !== "--force" && word !== "--resume");
  const command = ["afterimage", ...again];
  if (result === null) {
    printMessage(`Stopped before the first step. Continue with: ${shellWords(command)}`);
    return;
  }
  const hasOut = again.some((word) => word === "--out" || word.startsWith("--out="));
  const words = [...command, "--resume", ...(hasOut ? [] : ["--out", pathWord(result.run)])];
  printMessage(`Stopped after ${counted(result.steps, "step")}. Resume with: ${shellWords(words)}`);
}
