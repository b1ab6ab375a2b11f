import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const ALL = ["src/**/*.test.ts", "test/**/*.test.ts"];
/** Those that start the command as a process: as it is built, which starts in half of the time, and is what users have. */
const COMMANDS = ["test/cli/**/*.test.ts"];
/** Those that take long: `npm run test:long` runs them, `npm test` does not. */
const LONG = ["**/*.long.test.ts"];
const BUILT = { globalSetup: "test/support/build.ts" };

export default defineConfig({
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"], externalConditions: ["source"] } },
  test: {
    pool: "forks",
    // By itself one fewer than cores, which on two cores is one: 658 seconds instead of 394.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      { extends: true, test: { name: "modules", include: ALL, exclude: [...COMMANDS, ...LONG] } },
      { extends: true, test: { name: "commands", include: COMMANDS, exclude: LONG, ...BUILT } },
      { extends: true, test: { name: "long", include: LONG, ...BUILT } },
    ],
    testTimeout: 60_000,
    onConsoleLog: (log) => {
      throw new Error(`a test wrote to the console: ${log}`);
    },
  },
});
