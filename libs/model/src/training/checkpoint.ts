import { shown } from '../json.ts';
import type { TrainingState } from '../network/engine.ts';
import type { TrainingImages } from '../network/training-images.ts';
import { concatBytes, sha256 } from '../network/weight-bytes.ts';
import type { TrainingData } from './data.ts';
import type { BestWeights, EpochSummary } from './result.ts';
import type { TrainingConfig } from './settings.ts';

/** Everything that the rest of a run depends on, the images aside; taken between two steps. */
export interface TrainingCheckpoint {
  readonly config: TrainingConfig;
  /** Of the labels or targets that were trained and validated on, in their order: resuming on other data is refused. */
  readonly datasetSha256: string;
  /** Number of completed epochs. */
  readonly epoch: number;
  /** Steps of the next epoch that are taken. */
  readonly stepInEpoch: number;
  /** Sum over the epoch's images so far. */
  readonly lossSum: number;
  /** Sum over the epoch's images so far: of images, or of pixels times channels. */
  readonly numCorrect: number;
  /** Spent on the epoch so far. */
  readonly seconds: number;
  readonly history: readonly EpochSummary[];
  readonly best: BestWeights | null;
  readonly patience: Patience;
  readonly state: TrainingState;
}

/** What early stopping remembers. */
interface Patience {
  /** The loss that was last an improvement by `minDelta`; null before the first epoch's end. */
  readonly validationLoss: number | null;
  readonly epochsWaited: number;
}

/** Images whose targets {@link datasetFingerprint} reads, of each split. */
const NUM_FINGERPRINTED = 100;

/**
 * Tells data sets apart by their labels, or by the targets of some images, which is cheap and misses only changes of pixels or of the
 * other targets.
 *
 * @returns 64 hexadecimal digits
 */
export function datasetFingerprint({ train, validation }: TrainingData<TrainingImages>): string {
  const counts = new TextEncoder().encode(`${train.count} ${validation.count} `);
  return sha256(concatBytes([counts, ...answersOf(train), ...answersOf(validation)]));
}

function answersOf(images: TrainingImages): readonly Uint8Array[] {
  if ('labels' in images) return [images.labels];
  const { targets, count } = images;
  const size = targets.length / count;
  const stride = Math.ceil(count / NUM_FINGERPRINTED);
  return Array.from({ length: Math.ceil(count / stride) }, (_, i) =>
    targets.subarray(i * stride * size, (i * stride + 1) * size),
  );
}

/**
 * Checks that a run can go on from a checkpoint. The number of epochs may be another, as long as it covers those that are done: the
 * schedule is that of the new number from there on.
 *
 * @throws RangeError naming the first setting that differs, or when the data are others
 */
export function checkResumable(
  checkpoint: TrainingCheckpoint,
  config: TrainingConfig,
  data: TrainingData<TrainingImages>,
): void {
  const epochsBegun = checkpoint.epoch + (checkpoint.stepInEpoch > 0 ? 1 : 0);
  if (config.epochs < epochsBegun) {
    throw new RangeError(
      `train: epochs must be at least ${epochsBegun}, which the checkpoint has begun, got ${config.epochs}; start a new run for fewer`,
    );
  }
  for (const key of Object.keys(config) as (keyof TrainingConfig)[]) {
    if (key === 'epochs') continue;
    const [then, now] = [JSON.stringify(checkpoint.config[key]), JSON.stringify(config[key])];
    if (then !== now) {
      throw new RangeError(
        `train: ${key} must be as in the checkpoint, ${shown(checkpoint.config[key])}, got ${shown(config[key])}; start a new run for other settings`,
      );
    }
  }
  const datasetSha256 = datasetFingerprint(data);
  if (checkpoint.datasetSha256 !== datasetSha256) {
    throw new RangeError(
      `train: labels or targets must be those of the checkpoint (SHA-256 ${checkpoint.datasetSha256.slice(0, 12)}...), got others (${datasetSha256.slice(0, 12)}...); resume with the same data set and split`,
    );
  }
}
