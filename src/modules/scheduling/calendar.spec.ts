import { describe, expect, it } from '@jest/globals';
import { dayNumber, Zone } from '../../core/kernel/zone.js';
import { gridOn, mergeRanges } from './calendar.js';

const grid = (zone: string, day: string, opening: [number, number], step: number): string[] =>
  gridOn(Zone.of(zone), dayNumber(day), [{ start: opening[0], end: opening[1] }], step).map((start) =>
    new Date(start).toISOString().slice(11, 16),
  );

describe('the grid of a day', () => {
  it('starts with the opening and ends before the closing time', () => {
    expect(grid('UTC', '2026-11-23', [540, 600], 30)).toEqual(['09:00', '09:30']);
    expect(grid('UTC', '2026-11-23', [540, 601], 30)).toEqual(['09:00', '09:30', '10:00']);
    expect(grid('UTC', '2026-11-23', [540, 540], 30)).toEqual([]);
  });

  it('has a repeated hour twice, ascending', () => {
    const starts = ['05:00', '05:30', '06:00', '06:30', '07:00'];
    expect(grid('America/New_York', '2026-11-01', [60, 150], 30)).toEqual(starts);
  });

  it('has no start in a skipped hour', () => {
    expect(grid('America/New_York', '2026-03-08', [90, 210], 30)).toEqual(['06:30', '07:00']);
  });
});

it.each<[string, [number, number][], [number, number][]]>([
  [
    'apart',
    [
      [1, 2],
      [4, 5],
    ],
    [
      [1, 2],
      [4, 5],
    ],
  ],
  [
    'adjacent',
    [
      [1, 2],
      [2, 3],
    ],
    [[1, 3]],
  ],
  [
    'overlapping',
    [
      [3, 6],
      [1, 4],
    ],
    [[1, 6]],
  ],
  [
    'within another',
    [
      [1, 9],
      [2, 3],
      [4, 5],
    ],
    [[1, 9]],
  ],
  [
    'empty',
    [
      [1, 1],
      [2, 4],
      [3, 3],
    ],
    [[2, 4]],
  ],
])('ranges are merged: %s', (_, ranges, merged) => {
  const input = ranges.map(([start, end]) => ({ start, end }));
  expect(mergeRanges(input)).toEqual(merged.map(([start, end]) => ({ start, end })));
  expect(input).toEqual(ranges.map(([start, end]) => ({ start, end })));
});
