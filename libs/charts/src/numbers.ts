/** How figures are written: as they are, as a share in percent, or with an exponent where they are small. */
export type NumberFormat = 'plain' | 'percent' | 'exponent';

/** Writes a figure in few characters, the same in every locale. */
export function showNumber(value: number, format: NumberFormat): string {
  switch (format) {
    case 'plain':
      return String(Number(value.toPrecision(4)));
    case 'percent':
      return `${Number((100 * value).toFixed(2))}%`;
    case 'exponent':
      return value === 0 || Math.abs(value) >= 0.01 ? String(Number(value.toPrecision(3))) : shortExponent(value);
  }
}

function shortExponent(value: number): string {
  const [mantissa, exponent] = value.toExponential(2).split('e');
  return `${Number(mantissa)}e${exponent}`;
}

/** @throws RangeError where a figure is not finite */
export function checkFinite(where: string, value: number): void {
  if (!Number.isFinite(value)) throw new RangeError(`${where} must be a finite number, got ${value}`);
}
