import type { NoImageReason, PreparationStep } from '@digits/data';

/** A rectangle in the unit of the drawing, or in pixels of the picture. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One digit that was found, and the network's answer to it. */
export interface ReadDigit {
  /** The most probable class, or null where it is rejected as no digit. */
  readonly digit: number | null;
  /** Calibrated probability of the most probable class, rejected or not. */
  readonly confidence: number;
  /** `[10]`, summing to 1. */
  readonly probabilities: readonly number[];
  /** Where it is; null where it is taken for the whole. */
  readonly place: Place | null;
  /** Which row of writing it stands in, from 0 at the top. */
  readonly row: number;
  /** `[28, 28]` uint8, white on black: what the network is shown. */
  readonly image: Uint8Array;
  /** What each step on the way to `image` saw, from the whole to it. */
  readonly steps: readonly PreparationStep[];
}

/** What was read in a drawing or a picture. Plain values, fit to be posted between threads. */
export interface Reading {
  /** As they are read: rows from the top, each from the left. */
  readonly digits: readonly ReadDigit[];
  /** Why there are none; null where there are some. */
  readonly reason: NoImageReason | null;
  /** Where there are none: how far the preparation came. */
  readonly steps: readonly PreparationStep[];
}

/** The number that was read: rows joined by a blank, `?` for what is no digit. */
export function textOf({ digits }: Reading): string {
  const rows = new Map<number, string>();
  for (const { row, digit } of digits) rows.set(row, (rows.get(row) ?? '') + String(digit ?? '?'));
  return [...rows.values()].join(' ');
}

/** The classes from the most probable to the least. */
export function rankClasses(probabilities: readonly number[]): number[] {
  return probabilities.map((_, label) => label).sort((a, b) => probabilities[b] - probabilities[a] || a - b);
}
