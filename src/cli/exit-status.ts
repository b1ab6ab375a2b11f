/** What the process says to its shell when it ends. */
export const EXIT = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  /** 128 + SIGINT: stopped in good order, and can go on. */
  interrupted: 130,
} as const;
