/** A server of one page: its script, bundled for the browser, and the runtime's files beside it. */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Provider, Report } from "./report.ts";

const HTML = `<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>`;
const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

export interface Serving {
  server: Server;
  address: string;
}

/** Serves until it is closed. `onReport` gets the messages that the page posts. */
export async function servePage(provider: Provider, onReport: (report: Report) => void): Promise<Serving> {
  const script = await bundle(provider);
  const server = createServer((request, response) => {
    answer(request, response, script, onReport).catch(() => response.writeHead(404).end());
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** The page as a user's bundler makes it: WebGPU by the package's default, Wasm by its own condition. */
async function bundle(provider: Provider): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "page.ts")],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2023",
    conditions: ["source", ...(provider === "wasm" ? ["afterimage-wasm"] : [])],
    logLevel: "silent",
  });
  return outputFiles[0]!.text;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  script: string,
  onReport: (report: Report) => void,
): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (request.method === "POST") {
    onReport(JSON.parse(await textOf(request)) as Report);
    response.end();
    return;
  }
  const [type, body] = await fileAt(pathname, script);
  response.writeHead(200, {
    "content-type": type,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
  });
  response.end(body);
}

async function fileAt(path: string, script: string): Promise<[type: string, body: string | Uint8Array]> {
  if (path === "/") return ["text/html", HTML];
  if (path === "/page.js") return ["text/javascript", script];
  const name = basename(path);
  const runtime = dirname(fileURLToPath(import.meta.resolve("onnxruntime-web/wasm")));
  return [TYPES[name.slice(name.lastIndexOf("."))] ?? "text/plain", await readFile(join(runtime, name))];
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of request) parts.push(part as Uint8Array);
  return Buffer.concat(parts).toString("utf8");
}
