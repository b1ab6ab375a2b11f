/**
 * A run under a limit of half the memory that it needs: it is refused with the batch that would fit, and that
 * batch does fit. Any Linux has limits of a process. Only an administrator may make a control group, as
 * containers have; otherwise that test is skipped.
 */
import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { afterimage, lastObject, makePictures } from "./support.ts";

let folder: string;
let pictures: string;
/** Large maps: the CIFAR stem halves nothing, and views are as large as pictures. */
const NETWORK = ["--image-size", "64", "--width", "0.25", "--stem", "cifar", "--set", "viewScale=1"];
const TRAINING = ["--batch-size", "96", ...NETWORK, "--epochs", "1"];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterimage-memory-"));
  pictures = await makePictures(join(folder, "pictures"), { perClass: 32, size: 16 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function pretrain(prelude: string, words: readonly string[] = []) {
  const call = ["pretrain", pictures, "--out", join(folder, "run"), ...TRAINING, "--threads", "1", "--json"];
  return afterimage([...call, ...words], { prelude, env: { AFTERIMAGE_CACHE: join(folder, "cache") } });
}

interface Refusal {
  code: string;
  /** Megabytes. */
  needed: number;
  got: number;
  /** The micro-batch that would fit. */
  fitting: string | undefined;
}

async function refusalOf(prelude: string): Promise<Refusal> {
  const finished = await pretrain(prelude);
  expect(finished).toMatchObject({ status: 2, stderr: expect.not.stringMatching(/\n\s+at /) });
  const { error } = lastObject(finished) as { error: Record<"code" | "expected" | "got" | "todo", string> };
  const megabytes = (text: string) => Number(/([\d,]+) MB/.exec(text)?.[1]?.replaceAll(",", ""));
  return {
    code: error.code,
    needed: megabytes(error.expected),
    got: megabytes(error.got),
    fitting: /--micro-batch (\d+)/.exec(error.todo)?.[1],
  };
}

/**
 * A limit of data, not of addresses, because a process that loads a TypeScript compiler reserves too many
 * addresses.
 */
const dataLimit = (megabytes: number) => `ulimit -d ${megabytes * 1000}`;

describe.skipIf(process.platform !== "linux")("a run with half of the memory that it needs", () => {
  it("is refused with the batch that would fit, by a limit of the process", async () => {
    const { needed } = await refusalOf(dataLimit(400));
    const { code, got, fitting } = await refusalOf(dataLimit(needed / 2));
    expect(code).toBe("train/memory");
    expect(got).toBeLessThan(needed / 2);
    expect(96 % Number(fitting)).toBe(0);
  }, 180_000);

  const group = makeGroup();
  afterAll(() => group && rmdirSync(group.folder));

  it.skipIf(group === null)(
    "is refused by a limit of its control group too, and that batch fits",
    async () => {
      const { needed } = await refusalOf(group!.limit(400));
      const halved = group!.limit(needed / 2);
      const { code, fitting } = await refusalOf(halved);
      expect(code).toBe("train/memory");
      const fits = await pretrain(halved, ["--micro-batch", fitting!]);
      expect(fits.status, fits.stderr).toBe(0);
    },
    180_000,
  );
});

/** A control group of either version; null if none can be made. */
function makeGroup(): { folder: string; limit(megabytes: number): string } | null {
  const places = [
    { root: "/sys/fs/cgroup/memory", file: "memory.limit_in_bytes" },
    { root: "/sys/fs/cgroup", file: "memory.max" },
  ];
  for (const { root, file } of places) {
    const group = join(root, `afterimage-test-${process.pid}`);
    try {
      mkdirSync(group);
    } catch {
      continue;
    }
    try {
      writeFileSync(join(group, file), "1000000000", { flag: "r+" });
      return {
        folder: group,
        limit: (megabytes) =>
          `echo ${megabytes * 1e6} > ${join(group, file)} && echo $$ > ${join(group, "cgroup.procs")}`,
      };
    } catch {
      rmdirSync(group);
    }
  }
  return null;
}
