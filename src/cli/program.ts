/** The whole command line: finds the command, parses its words and reports errors. */
import { Command, CommanderError, Option } from "commander";
import { AfterimageError } from "../errors.ts";
import { packageVersion } from "../jobs/package-version.ts";
import { suggestion } from "../options/nearest-word.ts";
import { COMMANDS, type CommandEntry } from "./commands.ts";
import { EXIT } from "./exit-status.ts";
import { flagsAfterCommand } from "./flags-after-command.ts";
import { ignoreClosedPipes } from "./output.ts";
import { reportError } from "./report-error.ts";
import { resumeWords } from "./resume-words.ts";

const EXAMPLES = `
Examples:
  afterimage pretrain ~/pictures --epochs 100 --out runs/mine
  afterimage evaluate runs/mine --data ~/labelled
  afterimage embed runs/mine ~/pictures --out features.parquet`;

/** Runs the command that `words` (without node and script) call; sets the exit status and never rejects. */
export async function runProgram(words: readonly string[]): Promise<void> {
  ignoreClosedPipes();
  try {
    const ordered = wordsOf(words);
    requireCommand(ordered);
    const program = await createProgram(ordered);
    await program.parseAsync(ordered, { from: "user" });
  } catch (error) {
    if (isHelp(error)) return;
    process.exitCode = reportError(error, { words, commands: COMMANDS.map(({ name }) => name) });
  }
}

/** The words in the form that commander reads. */
function wordsOf(words: readonly string[]): string[] {
  const ordered = flagsAfterCommand(words);
  return ordered[0] === "pretrain" ? resumeWords(ordered) : ordered;
}

/**
 * Refuses an unknown command before commander reads the words: with --help commander would print the help of
 * all.
 */
function requireCommand(words: readonly string[]): void {
  const [first = "-", second = "-"] = words;
  const name = first === "help" ? second : first;
  const names = COMMANDS.map((entry) => entry.name);
  if (name.startsWith("-") || [...names, "help"].includes(name)) return;
  const todo = suggestion(name, names) || "See afterimage --help.";
  throw new AfterimageError("usage/option", { what: `unknown command '${name}'`, todo });
}

/** The program with the called command in full; the other commands have only name and summary. */
async function createProgram(words: readonly string[]): Promise<Command> {
  const program = withManners(new Command("afterimage"))
    .description("Self-supervised visual learning: from a folder of pictures to an evaluated encoder.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", EXAMPLES);
  const called = words.filter((word) => !word.startsWith("-")).slice(0, 2);
  for (const entry of COMMANDS) {
    const isCalled = called[0] === entry.name || (called[0] === "help" && called[1] === entry.name);
    program.addCommand(await createCommand(entry, isCalled));
  }
  return program;
}

async function createCommand(entry: CommandEntry, inFull: boolean): Promise<Command> {
  const command = withManners(new Command(entry.name)).description(entry.summary);
  for (const name of entry.arguments) command.argument(name);
  if (!inFull) return command;
  (await entry.load())(command);
  return command
    .addOption(new Option("--json", "print the result as one JSON object, on the last line"))
    .addOption(new Option("--quiet", "show no progress"))
    .helpOption("-h, --help", "print this help");
}

/** Errors are thrown, not printed: {@link reportError} formats them like all other errors. */
function withManners(command: Command): Command {
  return command.exitOverride().configureOutput({ outputError: () => {} });
}

function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === EXIT.done;
}
