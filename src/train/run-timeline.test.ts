import { describe, expect, test } from "vitest";
import { timelineOf } from "./run-timeline.ts";

/** Ten steps an epoch. */
const TIMED = { batchSize: 10, data: { path: "", fingerprint: "", pictures: 100 }, epochs: 8 };
const epochs = (from: number, to: number) => [{ name: "epochs", from, to }];

describe("timelineOf", () => {
  test("counts the steps themselves where nothing was changed", () => {
    const timeline = timelineOf(TIMED);
    expect(timeline).toMatchObject({ scheduledEpochs: 8, steps: 80 });
    expect([0, 13, 79, 80].map(timeline.placeOf)).toEqual([0, 13, 79, 80]);
  });

  test("goes through the rest of the schedules in fewer steps after a change of pace", () => {
    const timeline = timelineOf({
      ...TIMED,
      epochs: 5,
      history: [{ step: 20, changes: epochs(8, 5), because: "pace" }],
    });
    expect(timeline).toMatchObject({ scheduledEpochs: 8, steps: 50 });
    // From place 20 of 80, 60 places are left for 30 steps.
    expect([0, 19, 20, 21, 35, 50].map(timeline.placeOf)).toEqual([0, 19, 20, 22, 50, 80]);
  });

  test("bends again at a second change, where the first has led it", () => {
    const timeline = timelineOf({
      ...TIMED,
      epochs: 7,
      history: [
        { step: 20, changes: epochs(8, 5), because: "pace" },
        { step: 40, changes: epochs(5, 7), because: "pace" },
      ],
    });
    expect(timeline.steps).toBe(70);
    // At step 40 the place is 60; the last 20 places take 30 steps.
    expect([30, 40, 55, 70].map(timeline.placeOf)).toEqual([40, 60, 70, 80]);
  });

  test("begins schedules anew where a user changed the epochs, whatever the pace had decided before", () => {
    const timeline = timelineOf({
      ...TIMED,
      epochs: 12,
      history: [
        { step: 20, changes: epochs(8, 5), because: "pace" },
        { step: 50, changes: epochs(5, 12) },
      ],
    });
    expect(timeline).toMatchObject({ scheduledEpochs: 12, steps: 120 });
    expect(timeline.placeOf(50)).toBe(50);
  });

  test("begins schedules anew where pictures were added, with as many epochs as were decided", () => {
    const timeline = timelineOf({
      ...TIMED,
      data: { ...TIMED.data, pictures: 200 },
      epochs: 5,
      history: [
        { step: 20, changes: epochs(8, 5), because: "pace" },
        { step: 60, changes: [{ name: "data.pictures", from: 100, to: 200 }] },
      ],
    });
    expect(timeline).toMatchObject({ scheduledEpochs: 5, steps: 100 });
  });

  test("believes the epochs where a change is not in the history yet", () => {
    const history = [{ step: 20, changes: epochs(8, 5), because: "pace" as const }];
    expect(timelineOf({ ...TIMED, epochs: 9, history })).toMatchObject({ scheduledEpochs: 9, steps: 90 });
  });

  test("never goes backwards and ends where the schedules end", () => {
    const timeline = timelineOf({
      ...TIMED,
      epochs: 2.3,
      history: [{ step: 13, changes: epochs(8, 2.3), because: "pace" }],
    });
    const places = Array.from({ length: timeline.steps + 1 }, (_, step) => timeline.placeOf(step));
    expect(places.every((place, i) => i === 0 || place > places[i - 1]!)).toBe(true);
    expect(places.at(-1)).toBe(80);
  });
});
