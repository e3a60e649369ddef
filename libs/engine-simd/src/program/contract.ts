/*
 * Numbers that the compiler of programs (TypeScript) and their interpreter (AssemblyScript) must agree on. Both sides
 * import this file, so it contains only whole numbers. `operations.ts` declares the operations and their operands.
 *
 * A program is int32 words: its number of stages, then each stage: kind, whether a barrier follows, images per chunk,
 * number of operations, then each operation: opcode, its length in words, its operands. Addresses are bytes in the module's
 * memory; a negative one, ~offset, is in the thread's own arena.
 */

/** Number of parts of a batch. It depends neither on the batch size nor on the threads, which makes sums reproducible. */
export const NUM_SHARDS = 8;

/** Every thread runs the operations once; each operation divides its own work. */
export const STAGE_SHARED = 0;
/** The operations run on one chunk of images after another, each thread on its own shards. */
export const STAGE_IMAGES = 1;

/** Number of words before the first operation of a stage, and before the operands of an operation. */
export const STAGE_HEADER = 4;
export const OP_HEADER = 2;

/** Address of the control block, and of the free memory behind it. */
export const CONTROL_ADDRESS = 1024;
export const FREE_ADDRESS = 2048;

/* Words of the control block. */
export const CONTROL_ARRIVED = 0;
export const CONTROL_GENERATION = 1;
export const CONTROL_ABORTED = 2;
export const CONTROL_TRAINING_PROGRAM = 3;
export const CONTROL_PREPARING_PROGRAM = 4;
export const CONTROL_INFERENCE_PROGRAM = 5;
export const CONTROL_ARENA = 6;
export const CONTROL_ARENA_BYTES = 7;
export const CONTROL_NUM_STEPS = 8;
export const CONTROL_SAMPLES = 9;
export const CONTROL_BATCH_SIZES = 10;
export const CONTROL_LEARNING_RATES = 11;
export const CONTROL_AVERAGE_DECAYS = 12;
export const CONTROL_LOSSES = 13;
export const CONTROL_NUM_CORRECT = 14;
export const CONTROL_SEED_LOW = 15;
export const CONTROL_SEED_HIGH = 16;
export const CONTROL_EPOCH = 17;
export const CONTROL_FIRST_STEP = 18;
export const CONTROL_DATASET = 19;
/** Labels of the training set, or targets of its pixels. */
export const CONTROL_ANSWERS = 20;
/** Number of shards or chunks that threads have asked for. The host sets it to 0 before a call. */
export const CONTROL_TICKETS = 21;

/** Sources of images: the training set by index, or an array of uint8 or float32 images. */
export const SOURCE_TRAINING_SET = 0;
export const SOURCE_BYTES = 1;
export const SOURCE_FLOATS = 2;

/** Results of `trainSteps` and `infer`. */
export const RESULT_DONE = 0;
export const RESULT_ABORTED = 1;

/** Added to the opcode of a layer without weights: its gradient. */
export const OP_GRADIENT = 128;

/* Vectors, one float per channel, that a batch normalisation keeps from its forward pass to its gradient. */
export const STATISTIC_MEAN = 0;
export const STATISTIC_VARIANCE = 1;
export const STATISTIC_INVERSE_DEVIATION = 2;
export const STATISTIC_SCALE = 3;
export const STATISTIC_SHIFT = 4;
export const STATISTIC_GRADIENT_SLOPE = 5;
export const STATISTIC_GRADIENT_SHIFT = 6;
export const NUM_STATISTICS = 7;

/** Bytes of one shard's loss and number of correct answers, two float64. */
export const TOTALS_BYTES = 16;
