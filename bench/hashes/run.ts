/**
 * Hashes of every method's values after three steps, which show whether a change of the code changes a
 * number. They are valid on one machine, because kernels differ between processors.
 *
 * npm run hashes -- --out before.json          on the commit before
 * npm run hashes -- --compare before.json      on the commit after; exits 1 if a hash differs
 */
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { METHODS } from "afterimage/methods";
import { TINY_METHODS } from "../../test/support/tiny-methods.ts";
import { FORMS, type Form, hashMethod } from "./hash-method.ts";

type Hashes = Record<string, Record<Form, string>>;

const { values } = parseArgs({
  options: { out: { type: "string" }, compare: { type: "string" }, methods: { type: "string" } },
});
const names = values.methods?.split(",") ?? METHODS.map(({ name }) => name);
const before = values.compare && (JSON.parse(await readFile(values.compare, "utf8")) as Hashes);

const hashes: Hashes = {};
const different: string[] = [];
for (const name of names) {
  const own = await hashMethod({ ...TINY_METHODS[name], method: name });
  hashes[name] = own;
  const changed = FORMS.filter((form) => before && before[name]?.[form] !== own[form]);
  different.push(...changed.map((form) => `${name}, ${form}`));
  const verdict = !before ? "" : changed.length === 0 ? "  same" : `  DIFFERENT: ${changed.join(", ")}`;
  console.log(`${name.padEnd(14)}${FORMS.map((form) => own[form].slice(0, 12)).join("  ")}${verdict}`);
}
if (values.out) await writeFile(values.out, `${JSON.stringify(hashes, null, 2)}\n`);
if (before) console.log(different.length === 0 ? "every hash is the same" : `${different.length} differ`);
if (different.length > 0) process.exitCode = 1;
