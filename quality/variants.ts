/**
 * Deliberate collapses: a method without what holds it up, under a name of its own. A line more is a variant
 * more; one whose method is not in the list of methods is an error of this file.
 */
export interface Variant {
  /** What `--methods` calls it. */
  name: string;
  /** The method that it is a variant of. */
  method: string;
  /** What was taken away. */
  without: string;
  /** Over the method's defaults. */
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
