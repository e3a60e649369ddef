export { engineContract, type EngineContractOptions } from './testing/engine-contract.ts';
export { relativeDifference } from './testing/agreement.ts';
export type { ContractCase } from './testing/case-networks.ts';
export {
  layerCases,
  planOf,
  randomDataset,
  randomWeights,
  sessionSettings,
  smallNetwork,
} from './testing/contract-cases.ts';
export { referenceEngine } from './testing/reference-engine.ts';
export type { ChannelStatistics, TrainingBatch } from './testing/reference-arithmetic.ts';
export {
  backwardPass,
  forwardPass,
  widen,
  type BackwardPass,
  type ForwardPass,
  type NamedValues,
} from './testing/reference-network.ts';
