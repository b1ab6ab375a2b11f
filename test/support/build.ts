/** Builds the package before the tests that start its command. */
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

export default function build(): void {
  const cwd = resolve(import.meta.dirname, "../..");
  execFileSync("npm", ["run", "--silent", "build"], { cwd, stdio: ["ignore", "inherit", "inherit"] });
}
