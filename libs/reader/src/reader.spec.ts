import type { GreyImage, Picture, Stroke } from '@digits/data';
import type { Classification, Classifier } from '@digits/model';
import type { InkDetector } from './ink-detector.ts';
import { createReader, prepareImage, readDrawing } from './reader.ts';

const ONE = 1;
const RING = 0;

/**
 * A classifier of rings and bars that needs no network: an image with ink in its middle is a bar, one without is a ring. It rejects
 * images with more than `maxInk` bright pixels.
 */
function shapeClassifier({ confidence = 0.9, maxInk = 400, preprocessing = 'none' } = {}): Classifier {
  const classNames = ['ring', 'bar', 'other'];
  const classify = (image: Float32Array): Classification => {
    const isBar = image[14 * 28 + 14] > 0.5 || image[14 * 28 + 13] > 0.5;
    const digit = isBar ? ONE : RING;
    const rest = (1 - confidence) / 3;
    const probabilities = [2 * rest, 2 * rest, rest];
    probabilities[digit] = confidence;
    const rejected = image.filter((value) => value > 0.5).length > maxInk;
    return { digit: rejected ? null : digit, confidence, probabilities, rejected };
  };
  const rows = (images: Float32Array) =>
    Array.from({ length: images.length / 784 }, (_, i) => classify(images.subarray(i * 784, (i + 1) * 784)));
  const probabilities = (images: Float32Array) =>
    Promise.resolve(Float64Array.from(rows(images).flatMap((row) => row.probabilities)));
  return {
    model: {
      metadata: { classNames, preprocessing },
      architecture: { inputShape: [28, 28, 1] },
    } as unknown as Classifier['model'],
    classify: (images) => Promise.resolve(rows(images)),
    classifyTogether: (images) => Promise.resolve(images.map(classify)),
    probabilities,
    jointProbabilities: probabilities,
    activations: () => Promise.reject(new Error('not needed')),
    dispose: () => Promise.resolve(),
  };
}

/** An ink network for tests: what is dark is ink. It counts what it was shown. */
function darkInk(): InkDetector & { readonly shown: GreyImage[] } {
  const shown: GreyImage[] = [];
  return {
    shown,
    detect: (image) => {
      shown.push(image);
      const { width, height, region, pixels } = image;
      const isBlank = pixels.every((value) => value > 100);
      const ink = Float32Array.from(pixels, (value) => (isBlank ? 0 : 1 - value / 255));
      const none = new Float32Array(ink.length);
      return Promise.resolve({ width, height, region, ink, ruling: none });
    },
  };
}

/** An ink network for tests: dark pixels are ink, grey pixels are printed lines. */
function darkInkAndGreyLines(): InkDetector {
  return {
    detect: ({ width, height, region, pixels }) => {
      const ink = Float32Array.from(pixels, (value) => (value < 80 ? 1 : 0));
      const ruling = Float32Array.from(pixels, (value) => (value >= 80 && value < 220 ? 1 : 0));
      return Promise.resolve({ width, height, region, ink, ruling });
    },
  };
}

/** A white image of 360x360 with a grey grid of 9x9 cells and a dark bar in some of them. */
function sudokuWith(filled: readonly (readonly [row: number, column: number])[]): Picture {
  const [side, pitch, start] = [360, 36, 18];
  const data = new Uint8Array(side * side).fill(255);
  for (let line = 0; line <= 9; line++) {
    for (let thick = 0; thick < 3; thick++) {
      const at = start + line * pitch + thick;
      for (let i = start; i < start + 9 * pitch + 3; i++) data[at * side + i] = data[i * side + at] = 128;
    }
  }
  for (const [row, column] of filled) {
    for (let y = 9; y < 31; y++)
      data.fill(
        0,
        (start + row * pitch + y) * side + start + column * pitch + 17,
        (start + row * pitch + y) * side + start + column * pitch + 22,
      );
  }
  return { data, width: side, height: side, channels: 1 };
}

/** A white image with a dark bar, 10 pixels wide and 90 tall, at each place. */
function barsAt(lefts: readonly number[], width = 300, height = 140): Picture {
  const data = new Uint8Array(width * height).fill(245);
  for (const left of lefts) {
    for (let y = 25; y < 115; y++) data.fill(30, y * width + left, y * width + left + 10);
  }
  return { data, width, height, channels: 1 };
}

const bar = (x: number): Stroke => [
  [x, 0],
  [x, 50],
  [x, 100],
];
const ring = (x: number): Stroke =>
  Array.from({ length: 33 }, (_, i) => [x + 30 * Math.cos((i * Math.PI) / 16), 50 + 50 * Math.sin((i * Math.PI) / 16)]);

describe('createReader', () => {
  describe('readImage', () => {
    it('reads one digit by itself, with class name, runner-up and box', async () => {
      const reading = await createReader(shapeClassifier(), darkInk()).readImage(barsAt([140]));

      expect(reading).toMatchObject({
        mode: 'single',
        text: 'bar',
        reason: null,
        classNames: ['ring', 'bar', 'other'],
      });
      expect(reading.digits).toHaveLength(1);
      const [digit] = reading.digits;
      expect(digit).toMatchObject({
        digit: 1,
        className: 'bar',
        runnerUp: 0,
        rejected: false,
        row: 0,
        explanation: null,
      });
      expect(digit.image).toHaveLength(784);
      expect(Math.abs(digit.box.x - 140)).toBeLessThanOrEqual(2);
      expect(Math.abs(digit.box.height - 90)).toBeLessThanOrEqual(4);
    });

    it('takes the pieces of a broken digit for one digit', async () => {
      // A bar with a gap across it: two short bars in two rows, or one bar.
      const broken = barsAt([140]);
      broken.data.fill(245, 70 * 300, 76 * 300);
      const reading = await createReader(shapeClassifier(), darkInk()).readImage(broken);
      expect(reading).toMatchObject({ mode: 'single', text: 'bar' });
      expect(Math.abs(reading.digits[0].box.height - 90)).toBeLessThanOrEqual(4);
    });

    it('puts each question about a broken digit to the classifier once', async () => {
      const broken = barsAt([70], 150);
      broken.data.fill(245, 70 * 150, 76 * 150);
      const asked: string[] = [];
      const classifier = shapeClassifier({ confidence: 0.97 });
      const jointProbabilities = (images: Float32Array) => {
        asked.push(images.join());
        return classifier.jointProbabilities(images);
      };
      await createReader({ ...classifier, jointProbabilities }, darkInk()).readImage(broken);
      expect(asked.length).toBeGreaterThan(1);
      expect(new Set(asked).size).toBe(asked.length);
    });

    it('turns an image whose digits are only read sideways, with boxes in the image as it came', async () => {
      // This classifier is sure of an upright T alone: wide at the top and narrow below.
      const upright = (images: Float32Array): number[] =>
        Array.from({ length: images.length / 784 }, (_, n) => {
          const image = images.subarray(n * 784, (n + 1) * 784);
          const widths = Array.from(
            { length: 28 },
            (__, row) => image.subarray(row * 28, row * 28 + 28).filter((value) => value > 0.5).length,
          ).filter((width) => width > 0);
          const isT = widths[1] >= 9 && widths.slice(8).every((width) => width <= 6) && widths.length >= 18;
          return isT ? 0.95 : 0.1;
        });
      const probabilities = (images: Float32Array) =>
        Promise.resolve(Float64Array.from(upright(images).flatMap((confidence) => [0, confidence, 0])));
      const classifier = { ...shapeClassifier(), jointProbabilities: probabilities };
      const { data, width, height } = barsAt([60, 140, 220]);
      for (const left of [40, 120, 200]) {
        for (let y = 25; y < 37; y++) data.fill(30, y * width + left, y * width + left + 50);
      }
      // Turned clockwise: column x of the new image is row height - 1 - x of the old one.
      const turned = Uint8Array.from(
        data,
        (_, i) => data[(height - 1 - (i % height)) * width + Math.floor(i / height)],
      );
      const picture: Picture = { data: turned, width: height, height: width, channels: 1 };
      const reading = await createReader(classifier, darkInk()).readImage(picture, { mode: 'multiple' });

      expect(reading.digits).toHaveLength(3);
      expect(reading.orientation).toBe(270);
      for (const { box } of reading.digits) {
        expect(Math.abs(box.width - 90)).toBeLessThanOrEqual(6);
        expect(Math.abs(box.height - 50)).toBeLessThanOrEqual(6);
      }
    });

    it('reads several digits by itself if two are confident', async () => {
      const reading = await createReader(shapeClassifier(), darkInk()).readImage(barsAt([60, 140, 220]));

      expect(reading).toMatchObject({ mode: 'multiple', text: 'barbarbar', reason: null });
      expect(reading.digits.map(({ box }) => Math.round(box.x / 20) * 20)).toEqual([60, 140, 220]);
    });

    it('reads one digit by itself if the digits found are not confident', async () => {
      const reading = await createReader(shapeClassifier({ confidence: 0.55 }), darkInk()).readImage(
        barsAt([60, 140, 220]),
      );
      expect(reading.mode).toBe('single');
    });

    it('reads as many digits as it is told to', async () => {
      const reader = createReader(shapeClassifier(), darkInk());
      const single = await reader.readImage(barsAt([60, 140, 220]), { mode: 'single' });
      const multiple = await reader.readImage(barsAt([140]), { mode: 'multiple' });

      expect([single.mode, single.digits.length]).toEqual(['single', 1]);
      expect([multiple.mode, multiple.digits.length, multiple.text]).toEqual(['multiple', 1, 'bar']);
    });

    it('says why an image without ink has no digit', async () => {
      const reader = createReader(shapeClassifier(), darkInk());
      for (const mode of ['auto', 'single', 'multiple'] as const) {
        const reading = await reader.readImage(barsAt([]), { mode });
        expect(reading).toMatchObject({ text: '', digits: [], reason: 'blank' });
      }
    });

    it('says that a digit was rejected', async () => {
      const reading = await createReader(shapeClassifier({ maxInk: 10 }), darkInk()).readImage(barsAt([140]));

      expect(reading).toMatchObject({ text: '?', reason: 'notADigit' });
      expect(reading.digits[0]).toMatchObject({ digit: null, className: null, confidence: 0.9, rejected: true });
    });

    it('keeps the steps of the whole image', async () => {
      const { steps } = await createReader(shapeClassifier(), darkInk()).readImage(barsAt([60, 140]));
      expect(steps.map(({ name }) => name)).toEqual(['ink']);
    });

    it('looks closer at a digit that is small in the image, and only there', async () => {
      const ink = darkInk();
      const picture = barsAt([900], 1200, 1000);
      const reading = await createReader(shapeClassifier(), ink).readImage(picture, { mode: 'single' });

      expect(reading.text).toBe('bar');
      expect([ink.shown[0].width, ink.shown[0].region.width]).toEqual([80, 1200]);
      const last = ink.shown[ink.shown.length - 1];
      expect(last.region.width).toBeLessThan(300);
      expect(last.region.x).toBeLessThan(900);
      expect(last.region.x + last.region.width).toBeGreaterThan(910);
      expect(Math.abs(reading.digits[0].box.height - 90)).toBeLessThanOrEqual(5);
    });

    it('reads the cells of a grid into a table', async () => {
      // Bars in the outer cells of a row of three; without a frame the image is the grid.
      const reading = await createReader(shapeClassifier(), darkInk()).readImage(barsAt([45, 245]), {
        grid: { rows: 1, columns: 3 },
      });
      expect(reading).toMatchObject({ mode: 'multiple', text: 'barbar', table: [['bar', null, 'bar']] });
      expect(Math.abs(reading.digits[1].box.x - 245)).toBeLessThanOrEqual(3);
    });

    it('refuses a grid without cells', async () => {
      const reading = createReader(shapeClassifier(), darkInk()).readImage(barsAt([]), {
        grid: { rows: 0, columns: 3 },
      });
      await expect(reading).rejects.toThrow(
        new RangeError('readImage: grid.rows must be an integer from 1 to 50, got 0'),
      );
    });

    it('says that an image read as one digit shows several', async () => {
      const reader = createReader(shapeClassifier(), darkInk());
      const several = await reader.readImage(barsAt([60, 140, 220]), { mode: 'single' });
      const one = await reader.readImage(barsAt([140]), { mode: 'single' });
      expect([several.notice, one.notice]).toEqual(['severalDigits', null]);
    });

    it('loads the ink network when the first image is read, once', async () => {
      let numLoaded = 0;
      const reader = createReader(shapeClassifier(), () => {
        numLoaded++;
        return numLoaded === 1 ? Promise.reject(new Error('offline')) : Promise.resolve(darkInk());
      });
      await reader.readDrawing({ strokes: [bar(0)] });
      expect(numLoaded).toBe(0);
      await expect(reader.readImage(barsAt([140]))).rejects.toThrow('offline');
      await reader.readImage(barsAt([140]));
      await reader.readImage(barsAt([140]));
      expect(numLoaded).toBe(2);
    });

    it('refuses an image whose size does not match its data', async () => {
      const reading = createReader(shapeClassifier(), darkInk()).readImage({ ...barsAt([]), width: 7 });
      await expect(reading).rejects.toThrow(RangeError);
    });
  });

  describe('readDrawing', () => {
    it('splits a drawing into digits, with boxes in the unit of the strokes', async () => {
      const drawing = { strokes: [ring(30), bar(150), ring(270)], penWidth: 8 };
      const reading = await createReader(shapeClassifier(), darkInk()).readDrawing(drawing);

      expect(reading).toMatchObject({ mode: 'multiple', text: 'ringbarring' });
      expect(reading.digits[1].box).toEqual({ x: 150, y: 0, width: 0, height: 100 });
    });

    it('reads rows from the top, separated by a blank', async () => {
      const lower = bar(30).map(([x, y]) => [x, y + 300] as const);
      const reading = await createReader(shapeClassifier(), darkInk()).readDrawing({
        strokes: [lower, ring(30), ring(150)],
      });

      expect(reading.text).toBe('ringring bar');
      expect(reading.digits.map(({ row }) => row)).toEqual([0, 0, 1]);
    });

    it('takes a drawing as one digit if told to, and calls one digit single by itself', async () => {
      const reader = createReader(shapeClassifier(), darkInk());
      const strokes = [ring(30), bar(150)];

      expect(await reader.readDrawing({ strokes }, { mode: 'single' })).toMatchObject({
        mode: 'single',
        digits: [{ box: { x: 0, y: 0, width: 150, height: 100 } }],
      });
      expect((await reader.readDrawing({ strokes: [bar(0)] })).mode).toBe('single');
      expect((await reader.readDrawing({ strokes: [bar(0)] }, { mode: 'multiple' })).mode).toBe('multiple');
    });

    it('says that nothing was drawn', async () => {
      const reading = await createReader(shapeClassifier(), darkInk()).readDrawing({ strokes: [] });
      expect(reading).toMatchObject({ mode: 'single', text: '', digits: [], reason: 'blank' });
    });
  });

  it('classifies each image once', async () => {
    const classifier = shapeClassifier();
    const asked: string[] = [];
    const counting: Classifier = {
      ...classifier,
      jointProbabilities: (images) => {
        for (let i = 0; i < images.length; i += 784) asked.push(images.subarray(i, i + 784).join());
        return classifier.jointProbabilities(images);
      },
    };
    const reading = await createReader(counting, darkInk()).readImage(barsAt([100]), { mode: 'single' });
    expect(reading.digits).toHaveLength(1);
    expect(asked.length).toBeGreaterThan(0);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it('explains each digit on request', async () => {
    const reading = await createReader(shapeClassifier(), darkInk()).readDrawing(
      { strokes: [ring(30), bar(150)] },
      { explain: true },
    );

    const explanations = reading.digits.map(({ explanation }) => explanation);
    expect(explanations.map((one) => [one?.digit, one?.width, one?.height])).toEqual([
      [0, 28, 28],
      [1, 28, 28],
    ]);
    // Only the middle of the image tells this classifier that it is a bar.
    const evidence = explanations[1]?.evidenceFor ?? new Float32Array();
    const strongest = evidence.indexOf(Math.max(...evidence));
    expect(Math.abs((strongest % 28) - 13.5)).toBeLessThan(4);
  });
});

describe('createReader', () => {
  it('reads a sudoku as a table without being asked', async () => {
    const filled = Array.from({ length: 20 }, (_, i) => [i % 9, (i + 3 * Math.floor(i / 9)) % 9] as const);
    const reading = await createReader(shapeClassifier(), darkInkAndGreyLines()).readImage(sudokuWith(filled));
    expect(reading.mode).toBe('multiple');
    expect(reading.digits).toHaveLength(20);
    const cells = reading.table?.flatMap((row, r) => row.flatMap((cell, c) => (cell === null ? [] : [`${r} ${c}`])));
    expect(cells?.sort()).toEqual(filled.map(([row, column]) => `${row} ${column}`).sort());
  });

  it('takes no grid with fewer digits than a sudoku needs for one', async () => {
    const filled = [[0, 0], [4, 4], [8, 8]] as const; // prettier-ignore
    const reading = await createReader(shapeClassifier(), darkInkAndGreyLines()).readImage(sudokuWith(filled));
    expect(reading.table).toBeNull();
  });

  describe('with a classifier for touching digits', () => {
    const digits = (classifier: Classifier): Classifier => ({
      ...classifier,
      model: {
        ...classifier.model,
        metadata: { ...classifier.model.metadata, classNames: Array.from({ length: 10 }, (_, digit) => String(digit)) },
      },
    });

    /** A white image with a dark ladder: two bars and a rung between them, wide enough for two digits. */
    const ladder = (): Picture => {
      const picture = barsAt([100, 160]);
      const { data, width } = picture as { data: Uint8Array; width: number };
      for (let y = 65; y < 75; y++) data.fill(0, y * width + 100, y * width + 170);
      return picture;
    };

    it('loads it when the first shape is cut, once', async () => {
      const load = jest.fn(() => Promise.resolve(digits(shapeClassifier())));
      const reader = createReader(digits(shapeClassifier({ confidence: 0.3 })), darkInk(), load);
      await reader.readImage(barsAt([140]), { mode: 'single' });
      expect(load).not.toHaveBeenCalled();
      await reader.readImage(ladder(), { mode: 'multiple' });
      await reader.readImage(ladder(), { mode: 'multiple' });
      expect(load).toHaveBeenCalledTimes(1);
    });

    it('does not use it if the classes are not the digits', async () => {
      const load = jest.fn(() => Promise.resolve(digits(shapeClassifier())));
      const reader = createReader(shapeClassifier({ confidence: 0.3 }), darkInk(), load);
      await reader.readImage(ladder(), { mode: 'multiple' });
      expect(load).not.toHaveBeenCalled();
    });
  });
});

describe('prepareImage', () => {
  it('gives the 28x28 image that a reader classifies', async () => {
    const classifier = shapeClassifier();
    const reading = await createReader(classifier, darkInk()).readImage(barsAt([140]));
    const { image, box, reason } = await prepareImage(barsAt([140]), darkInk(), classifier);
    expect([[...(image ?? [])], box, reason]).toEqual([[...reading.digits[0].image], reading.digits[0].box, null]);
  });

  it('needs no classifier', async () => {
    const { box } = await prepareImage(barsAt([140]), darkInk());
    expect(Math.abs((box?.x ?? 0) - 140)).toBeLessThanOrEqual(3);
    expect(Math.abs((box?.height ?? 0) - 90)).toBeLessThanOrEqual(5);
  });

  it('says why there is no image', async () => {
    expect(await prepareImage(barsAt([]), darkInk())).toMatchObject({ image: null, box: null, reason: 'blank' });
    expect(await prepareImage(barsAt([], 3, 50), darkInk())).toMatchObject({ image: null, reason: 'tooSmall' });
  });
});

describe('readDrawing', () => {
  it('gives the reading of a reader without explanations', async () => {
    const classifier = shapeClassifier();
    const drawing = { strokes: [ring(30), bar(150), ring(270)], penWidth: 8 };
    const reading = await readDrawing(classifier, drawing);

    expect(reading.text).toBe('ringbarring');
    expect(reading).toEqual(await createReader(classifier, darkInk()).readDrawing(drawing));
    expect((await readDrawing(classifier, drawing, 'single')).digits).toHaveLength(1);
  });
});

describe('a reader whose model was trained on resized images', () => {
  const classifier = shapeClassifier({ preprocessing: 'resize' });

  /** A dot in the upper left quarter of white paper, which the ink network would centre. */
  const dot = (isDark: boolean): Picture => {
    const data = new Uint8Array(56 * 56).fill(isDark ? 255 : 0);
    for (let y = 8; y < 16; y++) data.fill(isDark ? 0 : 255, y * 56 + 8, y * 56 + 16);
    return { data, width: 56, height: 56, channels: 1 };
  };

  it.each([true, false])('gets the picture resized as it is, white on black (dark ink: %s)', async (isDark) => {
    const ink = darkInk();
    const { mode, digits, steps } = await createReader(classifier, ink).readImage(dot(isDark));
    expect(ink.shown).toEqual([]);
    expect([mode, digits.length, digits[0].box]).toEqual(['single', 1, { x: 0, y: 0, width: 56, height: 56 }]);
    const { image } = digits[0];
    // Half the size: ink from 4 to 7, both ways.
    const bright = [...image.keys()].filter((i) => image[i] === 255);
    expect(bright).toEqual([4, 5, 6, 7].flatMap((y) => [4, 5, 6, 7].map((x) => y * 28 + x)));
    expect(steps.map(({ name }) => name)).toEqual(['resized', 'image']);
  });

  it('finds nothing on blank paper, and the ink of several digits if they are asked for', async () => {
    const ink = darkInk();
    const reader = createReader(classifier, ink);
    const blank = { data: new Uint8Array(56 * 56).fill(255), width: 56, height: 56, channels: 1 } as const;
    expect(await reader.readImage(blank)).toMatchObject({ digits: [], reason: 'blank' });
    await reader.readImage(dot(true), { mode: 'multiple' });
    expect(ink.shown.length).toBeGreaterThan(0);
  });
});
