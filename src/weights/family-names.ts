/** The families of public weights, by the names by which they can be asked for. */
export const FAMILY_NAMES = [
  "hugging-face",
  "timm",
  "dinov2",
  "moco-v3",
  "moco",
  "i-jepa",
  "mae",
  "dino",
  "swav",
  "solo-learn",
  "torchvision",
  "timm-names",
] as const;

export type FamilyName = (typeof FAMILY_NAMES)[number];
