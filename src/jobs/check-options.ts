/** Checks the options of a job: a program without types can give anything. */
import { AfterimageError } from "../errors.ts";
import { suggestion } from "./nearest-word.ts";
import { readValue, type ValueKind } from "./value-kinds.ts";

/** What each option may be; null where the job itself checks it. */
export type OptionRules<T> = { readonly [K in keyof Required<T>]: ValueKind<unknown> | null };

/**
 * @param needed options that cannot be left out.
 * @throws AfterimageError `usage/missing`, `usage/option` or `usage/value` as `job({ option })`.
 */
export function checkOptions<T extends object>(
  job: string,
  options: T,
  rules: OptionRules<T>,
  needed: readonly (keyof T & string)[],
): void {
  const known = Object.keys(rules);
  for (const [name, value] of Object.entries(options ?? {})) {
    if (!known.includes(name)) throw unknownOption(job, name, known);
    const rule = rules[name as keyof T];
    if (rule !== null && value !== undefined) readValue(rule, value, `${job}({ ${name} })`);
  }
  for (const name of needed) {
    if (options?.[name] !== undefined) continue;
    throw new AfterimageError("usage/missing", {
      what: "an option that is needed is missing",
      where: `${job}({ ${name} })`,
      ...(rules[name] !== null && { expected: rules[name].expected }),
    });
  }
}

function unknownOption(job: string, name: string, known: readonly string[]): AfterimageError {
  const todo = suggestion(name, known);
  return new AfterimageError("usage/option", {
    what: `there is no option "${name}"`,
    where: `${job}({ ${name} })`,
    expected: `some of ${known.join(", ")}`,
    ...(todo === "" ? {} : { todo }),
  });
}
