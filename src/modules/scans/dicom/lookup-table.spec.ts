import { describe, expect, it } from '@jest/globals';
import type { DicomDataset } from './elements.js';
import { readDescriptor, trimTable } from './lookup-table.js';

const DESCRIPTOR = '00283002';
const descriptor = (vr: string, ...values: number[]): DicomDataset => ({
  [DESCRIPTOR]: { vr, bytes: Buffer.from(Uint16Array.from(values).buffer), items: null },
});

describe('the descriptor of a lookup table', () => {
  it.each([
    ['US', [3, 10, 8], { count: 3, first: 10, bits: 8 }],
    ['SS', [3, -10, 16], { count: 3, first: -10, bits: 16 }],
    ['US', [0, 0, 16], { count: 65_536, first: 0, bits: 16 }],
    ['SS', [65_535, -1, 16], { count: 65_535, first: -1, bits: 16 }],
    ['SS', [40_000, 0, 16], { count: 40_000, first: 0, bits: 16 }],
  ])('of VR %s with the values %j is read as %j', (vr, values, expected) => {
    expect(readDescriptor(descriptor(vr, ...values), DESCRIPTOR)).toEqual(expected);
  });

  it('is null if it is missing or incomplete', () => {
    for (const dataset of [{}, descriptor('US'), descriptor('US', 3, 0)])
      expect(readDescriptor(dataset, DESCRIPTOR)).toBeNull();
  });
});

describe('a table', () => {
  it.each([
    ['words', { count: 3, first: 0, bits: 16 }, 10, 6],
    ['bytes in words', { count: 3, first: 0, bits: 8 }, 10, 6],
    ['packed bytes, padded to an even length', { count: 3, first: 0, bits: 8 }, 5, 4],
    ['40,000 words', { count: 40_000, first: 0, bits: 16 }, 80_002, 80_000],
  ])('of %s is cut off after its last entry', (_, stated, length, kept) => {
    expect(trimTable(Buffer.alloc(length), stated)).toHaveLength(kept);
  });
});
