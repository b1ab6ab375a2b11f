/** What the command shows, for programs that show the same. */
export { counted, formatCount, formatDuration } from "./format.ts";
export type { OutputOptions } from "./output.ts";
export type { ProgressView } from "./progress-view.ts";
export { showProgress } from "./show-progress.ts";
