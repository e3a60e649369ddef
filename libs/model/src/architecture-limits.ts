/** What any architecture may ask for, so that an untrusted one cannot exhaust the machine. */
export const ARCHITECTURE_LIMITS = {
  layers: 256,
  /** Height, width, channels, filters or units. */
  dimension: 65_536,
  /** Values that one layer gives for one image. */
  activationSize: 2 ** 24,
  /** Weights of the whole network (2^25 float32 are 128 MiB). */
  parameters: 2 ** 25,
} as const;
