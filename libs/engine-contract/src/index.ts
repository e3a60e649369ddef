export { engineContract, type EngineContractOptions } from './engine-contract.ts';
export { relativeDifference } from './agreement.ts';
export {
  type ContractCase,
  layerCases,
  planOf,
  randomDataset,
  randomWeights,
  sessionSettings,
  smallNetwork,
} from './contract-cases.ts';
export { referenceEngine } from './reference-engine.ts';
export type { ChannelStatistics, TrainingBatch } from './reference-arithmetic.ts';
export {
  backwardPass,
  forwardPass,
  widen,
  type BackwardPass,
  type ForwardPass,
  type NamedValues,
} from './reference-network.ts';
