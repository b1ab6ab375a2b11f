import { describe, expect, it } from "vitest";
import { catchInterruption } from "./interruption.ts";

describe("catchInterruption", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "aborts at the first %s and leaves the second to the system",
    (name) => {
      const before = { SIGINT: process.listeners("SIGINT"), SIGTERM: process.listeners("SIGTERM") };
      const told: string[] = [];
      const { signal } = catchInterruption((given) => told.push(given));
      const ours = process.listeners(name).find((listener) => !before[name].includes(listener))!;
      (ours as (signal: string) => void)(name);
      expect(signal.aborted).toBe(true);
      expect(told).toEqual([name]);
      expect(process.listeners("SIGINT")).toEqual(before.SIGINT);
      expect(process.listeners("SIGTERM")).toEqual(before.SIGTERM);
    },
  );
});
