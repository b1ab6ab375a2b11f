const EVERYWHERE = ["--json", "--quiet"];

/** `--json pretrain x` as `pretrain --json x`: flags of all commands may come before the command. */
export function flagsAfterCommand(words: readonly string[]): string[] {
  const first = words.findIndex((word) => !EVERYWHERE.includes(word));
  if (first < 0) return [];
  return [...words.slice(first, first + 1), ...words.slice(0, first), ...words.slice(first + 1)];
}
