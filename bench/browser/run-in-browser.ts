/** Runs a page in headless Chromium, and collects the messages that it posts. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Provider, Report } from "./report.ts";
import { servePage } from "./serve-page.ts";

export interface BrowserOptions {
  chromium: string;
  provider: Provider;
  /** Random uses of each operator. */
  runs: number;
  /** Names of operators; all by default. */
  only?: readonly string[];
  /** Milliseconds without a report after which the page is ended. */
  patience: number;
  /** Milliseconds for the whole page; no limit by default. */
  limit?: number;
  onEntry?: (name: string, failure: string | null) => void;
}

export interface Outcome {
  /** The failure of each operator; null if it is right. */
  entries: ReadonlyMap<string, string | null>;
  /** The reason why the page did not finish; null if it did. */
  unfinished: string | null;
}

/** Checks the table of operators on one of the browser's providers. */
export async function runInBrowser(options: BrowserOptions): Promise<Outcome> {
  const entries = new Map<string, string | null>();
  const profile = await mkdtemp(join(tmpdir(), "afterimage-browser-"));
  let server: Server | undefined;
  let browser: ChildProcess | undefined;
  try {
    const unfinished = await new Promise<string | null>((end, failed) => {
      const watch = watchFor(options, end);
      const onReport = (report: Report) => {
        watch.heard();
        if (report.type === "done") end(null);
        else if (report.type === "refused") end(report.reason);
        else {
          entries.set(report.name, report.failure);
          options.onEntry?.(report.name, report.failure);
        }
      };
      servePage(options.provider, onReport).then(({ server: serving, address }) => {
        server = serving;
        browser = startChromium(options, profile, address);
        browser.on("error", failed);
        browser.on("exit", (status) => end(`the browser ended with status ${status}`));
      }, failed);
    });
    return { entries, unfinished };
  } finally {
    await endBrowser(browser);
    server?.close();
    server?.closeAllConnections();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Ends the page after a long silence, or at its time limit. */
function watchFor({ patience, limit }: BrowserOptions, end: (reason: string) => void) {
  const whole = limit === undefined ? undefined : setTimeout(() => end("its time is over"), limit).unref();
  let silence: NodeJS.Timeout | undefined;
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      clearTimeout(whole);
      end(`nothing was heard of it for ${Math.round(patience / 1000)} s`);
    }, patience);
    silence.unref();
  };
  heard();
  return { heard };
}

function startChromium(
  { chromium, runs, provider, only = [] }: BrowserOptions,
  profile: string,
  address: string,
) {
  const flags = [
    "--headless=new",
    "--no-sandbox",
    "--no-first-run",
    "--disable-dev-shm-usage",
    `--user-data-dir=${profile}`,
    ...(provider === "webgpu" ? ["--enable-unsafe-webgpu", "--enable-features=Vulkan"] : ["--disable-gpu"]),
  ];
  const page = new URL(address);
  page.searchParams.set("provider", provider);
  page.searchParams.set("runs", `${runs}`);
  for (const name of only) page.searchParams.append("only", name);
  return spawn(chromium, [...flags, page.href], { stdio: "ignore", env: { ...process.env, ...software() } });
}

const SWIFTSHADER = "vk_swiftshader_icd.json";

/** Chromium's own adapter in software, which Vulkan's loader does not find everywhere. */
function software(): Record<string, string> {
  if (process.env.VK_DRIVER_FILES !== undefined || process.env.VK_ICD_FILENAMES !== undefined) return {};
  const places = ["/usr/lib/chromium", "/usr/lib64/chromium-browser", "/opt/google/chrome"];
  const file = places.map((folder) => join(folder, SWIFTSHADER)).find((path) => existsSync(path));
  return file === undefined ? {} : { VK_DRIVER_FILES: file, VK_ICD_FILENAMES: file };
}

async function endBrowser(browser: ChildProcess | undefined): Promise<void> {
  if (browser?.pid === undefined || browser.exitCode !== null) return;
  const ended = new Promise((done) => browser.on("exit", done));
  browser.kill("SIGKILL");
  await ended;
}
