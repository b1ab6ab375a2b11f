/** Methods that bench/torch/quality_peer.py trains with lightly, by their names here. */
export const LIGHTLY_METHODS: readonly string[] = [
  "simclr",
  "moco-v2",
  "byol",
  "simsiam",
  "swav",
  "dino",
  "barlow-twins",
  "vicreg",
  "mae",
];
