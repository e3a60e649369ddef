/*
 * What the compiler of programs (TypeScript) and their interpreter (AssemblyScript) must agree on. Both sides import this
 * file, so it holds nothing but whole numbers.
 *
 * A program is int32 words: its number of stages, then each stage: kind, whether a barrier follows, images in a chunk,
 * number of operations, then each operation: opcode, its length in words, its arguments. Addresses are bytes in the module's
 * memory; a negative one, ~offset, lies in the thread's own arena. A tensor is two words: the address of image 0, and the
 * bytes from image to image (in an arena image 0 is the chunk's first, else the batch's first).
 */

/** Parts of a batch, whatever its size and the number of threads: what makes sums reproducible. */
export const NUM_SHARDS = 8;

/** Every thread runs the operations once; each operation divides its own work. */
export const STAGE_SHARED = 0;
/** The operations run on one chunk of images after another, each thread on its own shards. */
export const STAGE_IMAGES = 1;

/** Words before the first operation of a stage, and before the arguments of an operation. */
export const STAGE_HEADER = 4;
export const OP_HEADER = 2;

/** Where the control block lies, and where memory is free behind it. */
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
export const CONTROL_LABELS = 20;
/** Counts the shards or chunks that threads have asked for; the host sets it to 0 before a call. */
export const CONTROL_TICKETS = 21;

/** Where images come from: the training set by index, or an array of uint8 or float32 images. */
export const SOURCE_TRAINING_SET = 0;
export const SOURCE_BYTES = 1;
export const SOURCE_FLOATS = 2;

/** What `trainSteps` and `infer` return. */
export const RESULT_DONE = 0;
export const RESULT_ABORTED = 1;

/* Operations of every network, in order of the arguments that `emit.ts` lists. */
export const OP_INPUT = 1;
export const OP_DIRECT_CONVOLUTION = 2;
export const OP_WINOGRAD_CONVOLUTION = 3;
export const OP_DENSE = 4;
export const OP_SCALE_AND_SHIFT = 5;
export const OP_PACK = 6;
export const OP_WINOGRAD_FILTER = 7;
export const OP_FOLD_STATISTICS = 8;
export const OP_OUTPUT = 9;

/* Operations of the layers without weights, forwards. */
export const OP_RELU = 10;
export const OP_MAX_POOL = 11;
export const OP_MAX_POOL_BY_TWO = 12;
export const OP_AVERAGE_POOL = 13;
/** Added to one of them: its gradient. */
export const OP_GRADIENT = 128;

/* Operations of training only. */
export const OP_STATISTICS = 32;
export const OP_FINISH_STATISTICS = 33;
export const OP_DROPOUT = 34;
export const OP_LOSS = 35;
export const OP_DROPOUT_GRADIENT = 36;
export const OP_BIAS_GRADIENT = 37;
export const OP_NORMALIZATION_SUMS = 38;
export const OP_FINISH_GRADIENTS = 39;
export const OP_NORMALIZATION_GRADIENT = 40;
export const OP_DENSE_FILTER_GRADIENT = 41;
export const OP_DIRECT_FILTER_GRADIENT = 42;
export const OP_WINOGRAD_GRADIENTS = 43;
export const OP_DIRECT_INPUT_GRADIENT = 44;
export const OP_PACK_TURNED = 45;
export const OP_MOVE_STATISTICS = 46;
export const OP_SGD = 47;
export const OP_ADAM = 48;
export const OP_MOVE_AVERAGE = 49;
export const OP_REPORT = 50;
export const OP_NORMALIZE_AND_POOL = 51;
export const OP_POOLED_SUMS = 52;
export const OP_POOLED_GRADIENT = 53;
