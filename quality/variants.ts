/**
 * Deliberate collapses: methods without the part that prevents collapse, each with a name of its own. One
 * more line is one more variant. A variant of an unknown method is an error in this file.
 */
export interface Variant {
  /** Its name in `--methods`. */
  name: string;
  /** The method that it is a variant of. */
  method: string;
  /** The part that is removed. */
  without: string;
  /** Settings in place of the method's defaults. */
  settings: Readonly<Record<string, unknown>>;
}

export const VARIANTS: readonly Variant[] = [
  {
    name: "dino-no-centring",
    method: "dino",
    without: "centring: the centre stays 0",
    settings: { centreMomentum: 1 },
  },
  {
    name: "dino-no-sharpening",
    method: "dino",
    without: "sharpening: the teacher's temperature is the student's",
    settings: { teacherTemperature: 0.1, teacherTemperatureStart: 0.1 },
  },
  {
    name: "dino-neither",
    method: "dino",
    without: "centring and sharpening",
    settings: { centreMomentum: 1, teacherTemperature: 0.1, teacherTemperatureStart: 0.1 },
  },
  {
    name: "simsiam-no-stop-gradient",
    method: "simsiam",
    without: "stop-gradient: both sides learn",
    settings: { stopGradient: false },
  },
  {
    name: "simsiam-no-predictor",
    method: "simsiam",
    without: "the predictor",
    settings: { predictor: false },
  },
  {
    name: "byol-no-predictor",
    method: "byol",
    without: "the predictor",
    settings: { predictor: false },
  },
];
