import { normaliseImages, type LabelledImages } from '@digits/data';
import { type Architecture, type Engine, inferShapes, shapeSize, type Weights } from '@digits/model';

/** Scores images by how far their features lie from those of the digits a network was trained on. */
export interface FeatureDistance {
  /**
   * @param images `[n, 28, 28, 1]` uint8
   * @returns `[n]`, minus the distance: higher is more like a digit
   */
  score(images: Uint8Array): Promise<Float64Array>;
}

const CHUNK = 2000;

/** Keeps features that never vary, such as dead units, from counting without bound. */
const LEAST_VARIANCE = 1e-3;

/**
 * Fits class means and one variance a feature to what a network's last layer takes in. The distance is that to the
 * nearest mean, squared, each feature in units of its standard deviation.
 *
 * @param network its last layer gives the logits
 * @param digits as trained with, as many as are to be fitted to
 * @see https://arxiv.org/abs/1807.03888 Lee et al., Mahalanobis distance of features; here with a diagonal covariance
 */
export async function fitFeatureDistance(
  engine: Engine,
  network: { readonly architecture: Architecture; readonly weights: Weights },
  digits: LabelledImages,
): Promise<FeatureDistance> {
  const extract = await createExtractor(engine, network.architecture, network.weights);
  const features = await extract.features(digits.images);
  const { size } = extract;
  const means = Array.from({ length: digits.numClasses }, () => new Float64Array(size));
  const counts = new Float64Array(digits.numClasses);
  digits.labels.forEach((label, n) => {
    counts[label]++;
    for (let j = 0; j < size; j++) means[label][j] += features[n * size + j];
  });
  means.forEach((mean, label) => {
    for (let j = 0; j < size; j++) mean[j] /= Math.max(1, counts[label]);
  });
  const variances = new Float64Array(size);
  digits.labels.forEach((label, n) => {
    for (let j = 0; j < size; j++) variances[j] += (features[n * size + j] - means[label][j]) ** 2 / digits.count;
  });
  const score = (row: Float32Array): number => -Math.min(...means.map((mean) => distance(row, mean, variances)));
  return {
    score: async (images) => {
      const rows = await extract.features(images);
      return Float64Array.from({ length: rows.length / size }, (_, n) =>
        score(rows.subarray(n * size, (n + 1) * size)),
      );
    },
  };
}

function distance(row: Float32Array, mean: Float64Array, variances: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < row.length; j++) sum += (row[j] - mean[j]) ** 2 / (variances[j] + LEAST_VARIANCE);
  return sum;
}

/** The same network with its last layer replaced by one that passes on what it gets. */
async function createExtractor(engine: Engine, architecture: Architecture, weights: Weights) {
  const layers = architecture.layers.slice(0, -1);
  const last = architecture.layers[architecture.layers.length - 1];
  const shapes = inferShapes(architecture);
  const size = shapeSize(shapes[shapes.length - 2]);
  const kernel = Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  const predictor = await engine.createPredictor(
    { ...architecture, layers: [...layers, { type: 'dense', name: 'features', units: size, useBias: false }] },
    [
      ...weights.filter(({ name }) => !name.startsWith(`${last.name}/`)),
      { name: 'features/kernel', shape: [size, size], values: kernel },
    ],
  );
  const features = async (images: Uint8Array): Promise<Float32Array> => {
    const numImages = images.length / 784;
    const rows = new Float32Array(numImages * size);
    for (let start = 0; start < numImages; start += CHUNK) {
      const chunk = normaliseImages(images.subarray(start * 784, (start + CHUNK) * 784));
      rows.set(await predictor.predict(chunk), start * size);
    }
    return rows;
  };
  return { size, features };
}
