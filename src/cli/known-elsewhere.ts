/** Flags as other programs call them, and what they are here: an edit distance does not find these. */

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

/** What `flag` of another program is called in `command`; undefined when it is not known. */
export function knownElsewhere(command: string | undefined, flag: string): string | undefined {
  return ELSEWHERE[command ?? ""]?.[flag];
}
