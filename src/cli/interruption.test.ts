import { describe, expect, it } from "vitest";
import { catchInterruption, statusOf } from "./interruption.ts";

const NAMES = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const listeners = () => NAMES.map((name) => process.listeners(name));

describe("catchInterruption", () => {
  it.each(NAMES)("aborts at the first %s and leaves the second to the system", (name) => {
    const before = listeners();
    const told: string[] = [];
    const interruption = catchInterruption((given) => told.push(given));
    interruption.arm();
    interruption.arm();
    const ours = process.listeners(name).filter((one) => !before[NAMES.indexOf(name)]!.includes(one));
    expect(ours).toHaveLength(1);
    (ours[0] as (signal: string) => void)(name);
    expect(interruption.signal.aborted).toBe(true);
    expect(interruption.received).toBe(name);
    expect(told).toEqual([name]);
    expect(listeners()).toEqual(before);
    interruption.arm();
    expect(listeners()).toEqual(before);
  });

  it("leaves signals to the system until it is armed, and after it is disarmed", () => {
    const before = listeners();
    const { arm, disarm, signal } = catchInterruption(() => {});
    expect(listeners()).toEqual(before);
    arm();
    expect(listeners().map(({ length }) => length)).toEqual(before.map(({ length }) => length + 1));
    disarm();
    expect(listeners()).toEqual(before);
    expect(signal.aborted).toBe(false);
  });

  it("calls the ends of processes as shells do", () => {
    expect(NAMES.map(statusOf)).toEqual([130, 143, 129]);
  });
});
