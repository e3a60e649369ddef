import type { Explanation } from '@digits/model';
import { paintExplanation } from './paint-evidence.ts';

function explanationOf(evidenceFor: readonly number[], evidenceAgainst: readonly number[]): Explanation {
  return {
    method: 'occlusion',
    digit: 7,
    confidence: 0.9,
    runnerUp: 1,
    runnerUpConfidence: 0.1,
    height: 1,
    width: evidenceFor.length,
    evidenceFor: Float32Array.from(evidenceFor),
    evidenceAgainst: Float32Array.from(evidenceAgainst),
    patchSize: 1,
    stride: 1,
    numOcclusions: 0,
  };
}

describe('paintExplanation', () => {
  it('paints the strongest evidence of both maps in full colour and the image dimly where there is none', () => {
    const { evidenceFor, evidenceAgainst } = paintExplanation(
      Uint8Array.of(0, 255, 0),
      explanationOf([2, 0, -2], [0, 0, 0]),
    );

    expect([...evidenceFor]).toEqual([255, 138, 95, 255, 107, 107, 107, 255, 96, 170, 250, 255]);
    expect([...evidenceAgainst]).toEqual([0, 0, 0, 255, 107, 107, 107, 255, 0, 0, 0, 255]);
  });

  it('measures both maps by one scale', () => {
    const { evidenceAgainst } = paintExplanation(Uint8Array.of(0), explanationOf([4], [1]));
    // 0.25 ** 0.7 = 0.37893 of [255, 138, 95].
    expect([...evidenceAgainst]).toEqual([97, 52, 36, 255]);
  });

  it('refuses an image of another size', () => {
    expect(() => paintExplanation(new Uint8Array(2), explanationOf([1], [1]))).toThrow(
      new RangeError('paintExplanation: image must have 1x1 = 1 pixels, got 2'),
    );
  });
});
