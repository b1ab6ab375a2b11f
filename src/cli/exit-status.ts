/** Exit status of the process. */
export const EXIT = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  /** 128 + SIGINT: stopped after a checkpoint, can be resumed. */
  interrupted: 130,
} as const;
