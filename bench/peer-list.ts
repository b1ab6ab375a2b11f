import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { RUN_SOURCE } from "./run-source.ts";

/** A program that takes training steps on request. */
export interface PeerSpec {
  name: string;
  /** A note for readers of its row. */
  about: string;
  /** Whether it runs when no peers are named. */
  byDefault: boolean;
  /** Whether its packages are in bench/peers/package.json. */
  fromNpm: boolean;
  command: (options: { python: string }) => string[];
}

/** The peer with which all others are compared. */
export const OURS = "afterimage";

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

function typescript(file: string, ...args: string[]): () => string[] {
  return () => [process.execPath, ...RUN_SOURCE, path(`./peers/${file}`), ...args];
}

function python(...args: string[]): PeerSpec["command"] {
  return (options) => [options.python, path("./torch/step.py"), ...args];
}

export const PEERS: readonly PeerSpec[] = [
  {
    name: OURS,
    about: "this project",
    byDefault: true,
    fromNpm: false,
    command: typescript("afterimage.ts"),
  },
  {
    name: "tensorflow-js",
    about: "TensorFlow.js on Wasm, its own kernels and gradients",
    byDefault: true,
    fromNpm: true,
    command: typescript("tensorflow-js.ts"),
  },
  {
    name: "tensorflow-js-tuned",
    about: "the same with gradients of convolutions and linear layers written for it here",
    byDefault: true,
    fromNpm: true,
    command: typescript("tensorflow-js.ts", "tuned"),
  },
  {
    name: "jax-js",
    about: "jax-js on Wasm, its own convolution",
    byDefault: true,
    fromNpm: true,
    command: typescript("jax-js.ts"),
  },
  {
    name: "jax-js-tuned",
    about: "the same with convolutions written as matrix products here",
    byDefault: true,
    fromNpm: true,
    command: typescript("jax-js.ts", "tuned"),
  },
  {
    name: "torch",
    about: "PyTorch, eager",
    byDefault: true,
    fromNpm: false,
    command: python("eager"),
  },
  {
    name: "torch-channels-last",
    about: "PyTorch, eager, pictures and filters in channels-last layout",
    byDefault: true,
    fromNpm: false,
    command: python("channels-last"),
  },
  {
    name: "torch-compile",
    about: "PyTorch, torch.compile (needs a C++ compiler)",
    byDefault: false,
    fromNpm: false,
    command: python("compile"),
  },
];

/** Installs the packages of the JavaScript peers if they are missing. Returns the reason if that fails. */
export function installPeers(log: (line: string) => void): string | undefined {
  const folder = path("./peers");
  if (isInstalled(folder)) return undefined;
  log("installing the JavaScript peers: npm ci --ignore-scripts (in bench/peers)");
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder];
  const { status, stderr, error } = spawnSync("npm", args, {
    cwd: folder,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status === 0) return undefined;
  const lines = (error?.message ?? stderr).split("\n").filter((line) => /error/i.test(line));
  return `npm ci in bench/peers failed: ${lines[0] ?? `exit ${status}`}`;
}

/** Whether npm's record of the installed packages has the required versions. */
function isInstalled(folder: string): boolean {
  const note = `${folder}/node_modules/.package-lock.json`;
  if (!existsSync(note)) return false;
  const versions = (file: string) => {
    const { packages } = JSON.parse(readFileSync(file, "utf8")) as {
      packages: Record<string, { version?: string }>;
    };
    const { "": _root, ...rest } = packages;
    return JSON.stringify(
      Object.entries(rest)
        .map(([name, { version }]) => [name, version])
        .sort(),
    );
  };
  return versions(note) === versions(`${folder}/package-lock.json`);
}
