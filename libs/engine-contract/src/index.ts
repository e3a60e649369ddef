export { engineContract } from './engine-contract.ts';
export {
  layerCases,
  pixelCases,
  planOf,
  randomDataset,
  randomTargets,
  randomTrainingImages,
  randomWeights,
  sessionSettings,
  smallNetwork,
  smallPixelNetwork,
} from './cases.ts';
export { relativeDifference } from './agreement.ts';
export { referenceEngine } from './reference-engine.ts';
export { backwardPass, forwardPass, widen } from './reference-network.ts';
