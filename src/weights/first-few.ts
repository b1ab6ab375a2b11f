const SHOWN = 4;

/** The first few of a list, and how many there are. */
export function firstFew(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).map((name) => (name.length <= 90 ? name : `${name.slice(0, 89)}…`));
  const more = names.length - shown.length;
  return more <= 0 ? shown.join(", ") : `${shown.join(", ")} and ${more} more`;
}
