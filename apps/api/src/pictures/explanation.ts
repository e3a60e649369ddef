import type { Explanation } from '@digits/model';
import sharp from 'sharp';

/** Evidence of each pixel, and a picture of it. */
export interface EvidenceAnswer {
  /** `[height, width]`, row-major, nats of log-probability, to 4 decimal places. */
  readonly values: readonly number[];
  /** PNG as a data URL: orange argues for the answer, blue against it, the stronger the more opaque. */
  readonly picture: string;
}

/** Which pixels argued for an answer, fit for a web page. */
export interface ExplanationAnswer {
  readonly method: Explanation['method'];
  readonly digit: number;
  readonly runnerUp: number;
  readonly height: number;
  readonly width: number;
  /** What the network saw: PNG as a data URL, white ink on black. */
  readonly image: string;
  /** For `digit`. */
  readonly evidenceFor: EvidenceAnswer;
  /** Against `runnerUp`. */
  readonly evidenceAgainst: EvidenceAnswer;
}

const ORANGE = [230, 97, 1];
const BLUE = [33, 102, 172];

/**
 * Draws an explanation.
 *
 * @param image `[h, w]` uint8 that was explained
 */
export async function showExplanation(explanation: Explanation, image: Uint8Array): Promise<ExplanationAnswer> {
  const { method, digit, runnerUp, height, width, evidenceFor, evidenceAgainst } = explanation;
  const strongest = Math.max(...[...evidenceFor, ...evidenceAgainst].map(Math.abs));
  const show = async (evidence: Float32Array): Promise<EvidenceAnswer> => ({
    values: Array.from(evidence, (value) => Math.round(value * 10_000) / 10_000),
    picture: await toDataUrl(drawEvidence(evidence, strongest), width, height, 4),
  });
  return {
    method,
    digit,
    runnerUp,
    height,
    width,
    image: await toDataUrl(image, width, height, 1),
    evidenceFor: await show(evidenceFor),
    evidenceAgainst: await show(evidenceAgainst),
  };
}

/**
 * Colours evidence.
 *
 * @param strongest what is drawn opaque; both maps of an explanation share it
 * @returns `[h, w, 4]` uint8 RGBA
 */
function drawEvidence(evidence: Float32Array, strongest: number): Uint8Array {
  const rgba = new Uint8Array(evidence.length * 4);
  evidence.forEach((value, i) => {
    const opacity = strongest > 0 ? Math.abs(value) / strongest : 0;
    rgba.set([...(value < 0 ? BLUE : ORANGE), Math.round(255 * opacity)], i * 4);
  });
  return rgba;
}

async function toDataUrl(pixels: Uint8Array, width: number, height: number, channels: 1 | 4): Promise<string> {
  const png = await sharp(pixels, { raw: { width, height, channels } }).png().toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}
