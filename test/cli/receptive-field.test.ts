import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { afterimage } from "./support.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/receptive-fields.md"), "utf8");

describe.concurrent("afterimage receptive-field", () => {
  it("prints for a backbone what docs/receptive-fields.md shows", async () => {
    const { status, stdout } = await afterimage(["receptive-field", "resnet18"]);
    expect(status).toBe(0);
    expect(page).toContain(`\`\`\`\n${stdout}\`\`\``);
  });

  it("gives programs all branches, with the layers that they go through", async () => {
    const { stdout } = await afterimage(["receptive-field", "resnet18", "--layer", "layer1", "--json"]);
    const { layers } = JSON.parse(stdout) as {
      layers: { layer: string; branches: { layers: string[] }[] }[];
    };
    const { branches } = layers.at(-1)!;
    expect(branches.map((branch) => branch.layers.length)).toEqual([6, 4, 2]);
    expect(branches[2]!.layers).toEqual(["conv1", "maxpool"]);
  });

  it("answers a name that there is not by those that there are, without a stack", async () => {
    const { status, stderr } = await afterimage(["receptive-field", "resnet19"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^afterimage: there is no such backbone, run or model .*resnet18.*\n$/);
  });
});
