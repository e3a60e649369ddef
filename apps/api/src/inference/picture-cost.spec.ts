import { createCostEstimator } from './picture-cost.ts';

describe('createCostEstimator', () => {
  it('expects 50 ms before the first task', () => {
    expect(createCostEstimator().expectedMs('a')).toBe(50);
  });

  it('expects of a client what its recent tasks took, and of others what all took', () => {
    const costs = createCostEstimator();
    costs.observe('a', 1000);
    costs.observe('a', 2000);
    // 1000 + 0.3 * 1000
    expect(costs.expectedMs('a')).toBeCloseTo(1300);
    // 50 + 0.3 * 950 = 335, then 335 + 0.3 * 1665
    expect(costs.expectedMs('b')).toBeCloseTo(834.5);
  });

  it('never expects a task to cost nothing', () => {
    const costs = createCostEstimator();
    costs.observe('a', 0);
    expect(costs.expectedMs('a')).toBe(1);
  });

  it('remembers a thousand clients, and forgets the one that was seen least recently', () => {
    const costs = createCostEstimator();
    for (let i = 0; i < 1000; i++) costs.observe(`client ${i}`, 7);
    costs.observe('client 0', 7);
    costs.observe('another', 70_000);
    expect(costs.expectedMs('client 0')).toBe(7);
    expect(costs.expectedMs('client 1')).not.toBe(7);
  });
});
