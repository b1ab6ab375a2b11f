/** Flags of other programs, with their names here, which an edit distance does not find. */

const ELSEWHERE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  pretrain: {
    "--lr": "--learning-rate",
    "--wd": "--set training.weightDecay=<x>",
    "--weight-decay": "--set training.weightDecay=<x>",
    "--optimizer": "--set training.optimizer=<name>",
    "--bs": "--batch-size",
    "--batch": "--batch-size",
    "--size": "--image-size",
    "--img-size": "--image-size",
    "--resolution": "--image-size",
    "--arch": "--backbone",
    "--model": "--backbone",
    "--workers": "--threads",
    "--output": "--out",
    "--overwrite": "--force",
  },
};

/** The name in `command` of another program's `flag`; undefined if unknown. */
export function knownElsewhere(command: string | undefined, flag: string): string | undefined {
  return ELSEWHERE[command ?? ""]?.[flag];
}
