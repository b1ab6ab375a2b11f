import { type Command, Option } from "commander";
import { type Overrides, readAssignment } from "./overrides.ts";

/** Adds `--set` to a command that has settings of its own, described in its document. */
export function addSettings(of: string): (command: Command) => void {
  const meaning = `set a setting of ${of}, or training.<key>; docs/${of}.md lists them; can be given several times`;
  return (command) => {
    command.addOption(
      new Option("--set <key=value>", meaning).argParser((given, before: Overrides | undefined) =>
        readAssignment(given, before ?? { settings: {}, training: {} }),
      ),
    );
  };
}
