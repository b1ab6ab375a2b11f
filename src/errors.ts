/**
 * The one error type of Afterimage and the table of its codes.
 *
 * An error is data first: what happened, where, what was expected, what came instead, and what to do.
 * The text is made from these; options are named between backticks (`options/option-name.ts`). A code whose
 * kind is `usage` is a user's mistake: the command line prints the sentence without a stack and exits 2.
 * `failure` exits 1.
 */
export const ERROR_CODES = {
  "usage/option": "usage",
  "usage/value": "usage",
  "usage/missing": "usage",
  "tensor/shape": "failure",
  "tensor/dtype": "failure",
  "tensor/gradient": "failure",
  "tensor/input": "failure",
  "onnx/format": "failure",
  "onnx/size": "usage",
  "runtime/run": "failure",
  "runtime/provider": "usage",
  "data/missing": "usage",
  "data/empty": "usage",
  "data/unreadable": "failure",
  "data/format": "failure",
  "data/all-broken": "failure",
  "data/too-small": "usage",
  "data/targets": "usage",
  "data/cache": "failure",
  "method/settings": "usage",
  "method/pictures": "usage",
  "method/objective": "failure",
  "train/memory": "usage",
  "train/network": "failure",
  "train/not-finite": "failure",
  "train/checkpoint": "failure",
  "train/run-folder": "usage",
  "weights/unknown": "usage",
  "weights/misfit": "usage",
  "evaluate/labels": "usage",
  "evaluate/shape": "failure",
  "evaluate/not-finite": "failure",
  "export/write": "failure",
} as const satisfies Record<string, "usage" | "failure">;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The evidence an error carries. Every part but `what` may be left out where it says nothing. */
export interface ErrorEvidence {
  /** What went wrong, as one clause without a full stop. */
  what: string;
  /** The file, node, option or step it happened at. */
  where?: string;
  expected?: string;
  got?: string;
  /** The next thing to try. */
  todo?: string;
  /** Lines that the sentence is too short for, such as every tensor that does not fit. */
  details?: readonly string[];
}

/** What everything here throws on purpose; its message is made of the evidence. */
export class AfterimageError extends Error {
  readonly code: ErrorCode;
  readonly evidence: ErrorEvidence;

  constructor(code: ErrorCode, evidence: ErrorEvidence, options?: ErrorOptions) {
    super(sentence(evidence), options);
    this.name = "AfterimageError";
    this.code = code;
    this.evidence = evidence;
  }

  /** Whether this is a mistake in how the program was called, rather than something that failed. */
  get isUsage(): boolean {
    return ERROR_CODES[this.code] === "usage";
  }
}

function sentence({ what, where, expected, got, todo }: ErrorEvidence): string {
  const parts = [where === undefined ? what : `${what} (${where})`];
  if (expected !== undefined) parts.push(`expected ${expected}`);
  if (got !== undefined) parts.push(`got ${got}`);
  const head = parts.join("; ");
  return todo === undefined ? head : `${head}. ${todo}`;
}
