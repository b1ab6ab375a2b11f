/** The formats of the command's output, for programs that show the same. */
export { counted, formatCount, formatDuration } from "./format.ts";
export type { OutputOptions } from "./output.ts";
export type { ProgressView } from "./progress-view.ts";
export { showProgress } from "./show-progress.ts";
