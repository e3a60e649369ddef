export { engineContract } from './engine-contract.ts';
export { layerCases, planOf, randomDataset, randomWeights, sessionSettings, smallNetwork } from './cases.ts';
export { relativeDifference } from './agreement.ts';
export { referenceEngine } from './reference-engine.ts';
export { backwardPass, forwardPass, widen } from './reference-network.ts';
