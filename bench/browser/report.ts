/** The messages that the page posts. */
export type Report =
  | { type: "entry"; name: string; failure: string | null }
  | { type: "done" }
  | { type: "refused"; reason: string };

export type Provider = "wasm" | "webgpu";
