/** How weights move. Weight decay touches kernels only, never biases, gammas or betas. */
export type OptimizerSettings =
  | { readonly type: 'sgd'; readonly momentum: number; readonly nesterov: boolean }
  | { readonly type: 'adam'; readonly beta1: number; readonly beta2: number; readonly epsilon: number }
  | {
      readonly type: 'adamw';
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      /** Decoupled: each step a kernel loses learningRate * weightDecay of itself, before the Adam step. */
      readonly weightDecay: number;
    };
