import { type LabelledImages } from '@digits/data';
import { addHandwriting, addNegatives, concatImages, generateNeighbours } from '@digits/synthesis';
import { sha256 } from '../network/weight-bytes.ts';
import { prepareTrainingData } from './data.ts';
import { presetConfig } from './presets.ts';

/** Forty images of ten digits: a bar whose height is the digit's. */
const STORED: LabelledImages = {
  images: Uint8Array.from({ length: 40 * 784 }, (_, at) => {
    const [image, row, column] = [Math.floor(at / 784), Math.floor((at % 784) / 28), at % 28];
    return column > 10 && column < 14 && row >= 4 && row < 6 + 2 * (image % 10) ? 200 + image : 0;
  }),
  labels: Uint8Array.from({ length: 40 }, (_, image) => image % 10),
  count: 40,
  height: 28,
  width: 28,
  channels: 1,
  numClasses: 10,
};

const SETTINGS = presetConfig('world', {
  seed: 3,
  validationSize: 10,
  handwriting: { count: 20, strength: 1.2, pictureShare: 0, penShare: 0.5 },
  negatives: { share: 0.25 },
  neighbours: { count: 8 },
});

describe('prepareTrainingData', () => {
  it('only cuts off the validation split where nothing shall be added', () => {
    const plain = prepareTrainingData(STORED, { ...SETTINGS, handwriting: null, negatives: null });
    expect([plain.train.count, plain.validation.count]).toEqual([30, 10]);
    expect(plain.digits).toBe(plain.validation);
  });

  it('adds handwriting to what was not cut off, then negatives to both, then digits among others', () => {
    const plain = prepareTrainingData(STORED, { ...SETTINGS, handwriting: null, negatives: null });
    const { train, validation, digits } = prepareTrainingData(STORED, SETTINGS);
    const written = addHandwriting(plain.train, { count: 20, seed: 3, strength: 1.2, pictureShare: 0, penShare: 0.5 });
    expect(digits).toEqual(plain.validation);
    // A quarter of the whole: 17 to 50 and 3 to 10.
    expect([train.count, validation.count]).toEqual([67 + 8, 13]);
    const withNegatives = addNegatives(written, { share: 0.25, seed: 3 });
    expect(train).toEqual(concatImages(withNegatives, generateNeighbours(written, { count: 8, seed: 3 })));
    expect(validation).toEqual(addNegatives(plain.validation, { share: 0.25, seed: 3, fold: 'validation' }));
  });

  it('makes the same images everywhere: other ones change the weights of world', () => {
    const { train, validation } = prepareTrainingData(STORED, SETTINGS);
    expect([sha256(train.images).slice(0, 16), sha256(validation.images).slice(0, 16)]).toEqual([
      '591957a9b6974ba6',
      '6b3a254c37d78d2b',
    ]);
  });

  it.each([
    [{ height: 14, width: 56 }, 'handwriting must be null for other images than 28x28x1 in 10 classes, got 14x56x1 in 10 classes'], // prettier-ignore
    [{ numClasses: 26 }, 'handwriting must be null for other images than 28x28x1 in 10 classes, got 28x28x1 in 26 classes'], // prettier-ignore
  ])('refuses synthetic digits among other images than those of MNIST: %j', (changes, message) => {
    expect(() => prepareTrainingData({ ...STORED, ...changes }, SETTINGS)).toThrow(
      `prepareTrainingData: ${message}; choose a preset without synthetic images, such as fast or accurate`,
    );
  });

  it('refuses a network without an output for negatives', () => {
    const { architecture } = presetConfig('accurate');
    expect(() => prepareTrainingData(STORED, { ...SETTINGS, architecture })).toThrow(
      new RangeError('prepareTrainingData: architecture must have 11 outputs, the last for negatives, got 10'),
    );
  });
});
