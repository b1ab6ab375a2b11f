/** When loaded into a process, makes its clock jump by decades, forwards and backwards, at every reading. */
const YEAR = 365.25 * 24 * 3600 * 1000;
const JUMPS = [0, 30, -20, 75, -40, 10].map((years) => years * YEAR);

const RealDate = Date;
let asked = 0;
const now = () => RealDate.now() + JUMPS[asked++ % JUMPS.length]!;

class JumpingDate extends RealDate {
  constructor(...given: unknown[]) {
    super(...((given.length === 0 ? [now()] : given) as [number]));
  }

  static override now(): number {
    return now();
  }
}

globalThis.Date = JumpingDate as DateConstructor;
