/** Images with their labels, as they lie in an IDX set: nothing normalised, nothing moved. */
export interface LabelledImages {
  /** `[count, height, width, channels]` uint8, row-major; for digits, white ink (255) on black (0). */
  readonly images: Uint8Array;
  /** `[count]` uint8, each in [0, numClasses). */
  readonly labels: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly numClasses: number;
}
