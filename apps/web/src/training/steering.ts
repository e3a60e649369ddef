import type { Engine, StepPlan, StepReport, TrainingSession } from '@digits/model';

/** What a run is steered by while it goes on. */
export interface Wheel {
  readonly pause: () => void;
  readonly resume: () => void;
  /** @param factor what the schedule's learning rates are multiplied by from now on, above 0 */
  readonly scaleLearningRate: (factor: number) => void;
  /** Whether a step was taken with another learning rate than the schedule's. */
  readonly hasChangedRates: () => boolean;
  /** Resolves when the run may go on. */
  readonly mayGoOn: () => Promise<void>;
  /** @returns the plan with the learning rates that hold now */
  readonly scalePlan: (plan: StepPlan) => StepPlan;
}

/** What is told of a steered session. */
export interface SteeredSessionEvents {
  /** After each few steps, and waited for. */
  readonly onSteps: (session: TrainingSession, plan: StepPlan, report: StepReport, seconds: number) => Promise<void>;
  /** After each evaluation. */
  readonly onLogits: (images: Uint8Array, logits: Float32Array) => void;
}

/** Makes the wheel of one run. */
export function createWheel(): Wheel {
  let factor = 1;
  let changed = false;
  let paused: { readonly promise: Promise<void>; readonly open: () => void } | null = null;
  return {
    pause: () => {
      paused ??= makeGate();
    },
    resume: () => {
      paused?.open();
      paused = null;
    },
    scaleLearningRate: (next) => {
      if (!(next > 0 && next < Infinity))
        throw new RangeError(`scaleLearningRate: factor must be above 0, got ${next}`);
      factor = next;
    },
    hasChangedRates: () => changed,
    mayGoOn: async () => {
      // Without threads a run never leaves its worker's event loop a turn of its own, and no message would arrive.
      await new Promise((resolve) => setTimeout(resolve, 0));
      await paused?.promise;
    },
    scalePlan: (plan) => {
      if (factor === 1) return plan;
      changed = true;
      return { ...plan, learningRates: plan.learningRates.map((rate) => rate * factor) };
    },
  };
}

function makeGate() {
  let open = () => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

/**
 * Makes an engine whose training can be paused, whose learning rate can be changed, and whose steps can be watched. With a
 * wheel that nobody touches the weights are those of the engine itself, to the bit.
 */
export function steer(engine: Engine, wheel: Wheel, { onSteps, onLogits }: SteeredSessionEvents): Engine {
  return {
    name: engine.name,
    createPredictor: (architecture, weights) => engine.createPredictor(architecture, weights),
    createTrainingSession: async (architecture, settings, dataset) => {
      const session = await engine.createTrainingSession(architecture, settings, dataset);
      return {
        trainSteps: async (plan) => {
          await wheel.mayGoOn();
          const scaled = wheel.scalePlan(plan);
          const startedAt = performance.now();
          const report = await session.trainSteps(scaled);
          await onSteps(session, scaled, report, (performance.now() - startedAt) / 1000);
          return report;
        },
        evaluate: async (images, which) => {
          const logits = await session.evaluate(images, which);
          onLogits(images, logits);
          return logits;
        },
        getState: () => session.getState(),
        setState: (state) => session.setState(state),
        dispose: () => session.dispose(),
      };
    },
  };
}
