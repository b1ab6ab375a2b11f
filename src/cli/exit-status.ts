/** The exit status of the process; when a signal ended it, see `statusOf` in `interruption.ts`. */
export const EXIT = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
} as const;
