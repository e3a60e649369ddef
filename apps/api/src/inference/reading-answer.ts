import type { Explanation } from '@digits/model';
import { type DigitJson, paintExplanation, type Reading, type ReadingJson, readingToJson } from '@digits/reader';
import sharp from 'sharp';

/** Evidence of each pixel, and an image of it. */
export interface EvidenceAnswer {
  /** `[height, width]`, row-major, nats of log-probability, to 4 decimal places. */
  readonly values: readonly number[];
  /** PNG as a data URL, painted by `paintExplanation`. */
  readonly picture: string;
}

/** Explanation of one answer as JSON. */
export interface ExplanationAnswer extends Pick<Explanation, 'method' | 'digit' | 'runnerUp' | 'height' | 'width'> {
  /** Input of the network: PNG as a data URL, white ink on black. */
  readonly image: string;
  /** Evidence for `digit`. */
  readonly evidenceFor: EvidenceAnswer;
  /** Evidence against `runnerUp`. */
  readonly evidenceAgainst: EvidenceAnswer;
}

interface Explained {
  readonly explanation?: ExplanationAnswer;
}

/** Reading as the service answers it: a {@link ReadingJson} whose digits have explanations if they were asked for. */
export type ReadingAnswer = ReadingJson & Explained & { readonly digits: readonly (DigitJson & Explained)[] };

/** Converts a reading to the answer of the service. An explanation of the only digit is at the top level too. */
export async function answerOf(reading: Reading): Promise<ReadingAnswer> {
  const json = readingToJson(reading);
  const explained = await Promise.all(
    reading.digits.map(({ image, explanation }) => explanationOf(image, explanation)),
  );
  const digits = json.digits.map((digit, i) => ({ ...digit, ...explained[i] }));
  return { ...json, ...(json.mode === 'single' ? explained.at(0) : {}), digits };
}

async function explanationOf(image: Uint8Array, explanation: Explanation | null): Promise<Explained> {
  if (explanation === null) return {};
  const { method, digit, runnerUp, height, width } = explanation;
  const painted = paintExplanation(image, explanation);
  const evidence = async (map: 'evidenceFor' | 'evidenceAgainst'): Promise<EvidenceAnswer> => ({
    values: Array.from(explanation[map], (value) => Math.round(value * 10_000) / 10_000),
    picture: await toDataUrl(painted[map], width, height, 4),
  });
  return {
    explanation: {
      method,
      digit,
      runnerUp,
      height,
      width,
      image: await toDataUrl(image, width, height, 1),
      evidenceFor: await evidence('evidenceFor'),
      evidenceAgainst: await evidence('evidenceAgainst'),
    },
  };
}

async function toDataUrl(
  pixels: Uint8Array | Uint8ClampedArray,
  width: number,
  height: number,
  channels: 1 | 4,
): Promise<string> {
  const png = await sharp(pixels, { raw: { width, height, channels } }).png().toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}
