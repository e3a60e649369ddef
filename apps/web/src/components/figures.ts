/** @returns e.g. `97%`, `99.7%`; certainty is never claimed */
export function percent(share: number): string {
  if (share > 0.999) return '>99.9%';
  if (share < 0.001) return '<0.1%';
  const value = 100 * share;
  return `${value > 99 || value < 1 ? value.toFixed(1) : Math.round(value)}%`;
}

/** @returns e.g. `98.74%` */
export function exactPercent(share: number): string {
  return `${(100 * share).toFixed(2)}%`;
}

/** @returns e.g. `165,442` */
export function wholeNumber(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** @returns e.g. `8 s`, `3 min 20 s`, `1 h 5 min` */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
