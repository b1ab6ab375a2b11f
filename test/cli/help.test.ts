import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { afterimage } from "./support.ts";

const SOURCES = resolve(import.meta.dirname, "../../src");
/** Folders that only jobs need. */
const ENGINE = /^(tensor|augment|nn|losses|optim|methods|runtime|evaluate|train|export)\//;
const COMMANDS = [
  "pretrain",
  "import",
  "evaluate",
  "embed",
  "distill",
  "predict",
  "export",
  "methods",
  "backbones",
  "inspect",
  "receptive-field",
];

describe.concurrent("--help", () => {
  it("lists the commands", async () => {
    const { status, stdout, stderr } = await afterimage(["--help"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, "m"));
  });

  it.each(COMMANDS)("shows flags and defaults of %s", async (name) => {
    const { status, stdout } = await afterimage([name, "--help"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: afterimage ${name} `));
    for (const flag of ["--json", "--quiet", "--help"]) expect(stdout).toContain(flag);
    const described = {
      pretrain: "(default: simclr)",
      evaluate: "(default: 0.07)",
      embed: "(default: physical cores)",
    };
    expect(stdout).toContain(described[name as keyof typeof described] ?? "");
  });

  it("is also printed by the help command, and --version prints a version", async () => {
    expect((await afterimage(["help", "embed"])).stdout).toContain(".parquet");
    expect((await afterimage(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("needs only commander: a job's modules are loaded when it runs", () => {
    const main = resolve(SOURCES, "cli/main.ts");
    const packages = [...staticImports(main, new Set())].filter((name) => !name.startsWith("node:"));
    expect(packages).toEqual(["commander"]);
  });

  it.each(COMMANDS)(
    "loads %s with the schema of its options but without its job, so its help is quick too",
    (name) => {
      const seen = new Set<string>();
      const packages = staticImports(resolve(SOURCES, `cli/${name}.ts`), seen);
      const more = [...packages].filter(
        (one) => !one.startsWith("node:") && !["commander", "zod"].includes(one),
      );
      expect(more).toEqual([]);
      const rooms = [...seen].map((file) => relative(SOURCES, file)).filter((file) => ENGINE.test(file));
      expect(rooms).toEqual([]);
    },
  );
});

/** Packages that a file reaches by static imports of values. */
function staticImports(file: string, seen: Set<string>): Set<string> {
  const found = new Set<string>();
  if (seen.has(file)) return found;
  seen.add(file);
  const text = readFileSync(file, "utf8");
  for (const [, name] of text.matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from\s+"([^"]+)"/gm)) {
    const reached = name!.startsWith(".") ? staticImports(join(dirname(file), name!), seen) : [name!];
    for (const one of reached) found.add(one);
  }
  return found;
}
