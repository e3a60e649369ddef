/** @returns e.g. `97%`, `99.7%`; certainty is never claimed */
export function percent(share: number): string {
  if (share > 0.999) return '>99.9%';
  if (share < 0.001) return '<0.1%';
  const value = 100 * share;
  return `${value > 99 || value < 1 ? value.toFixed(1) : Math.round(value)}%`;
}
