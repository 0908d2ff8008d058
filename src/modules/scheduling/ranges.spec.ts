import { describe, expect, it } from '@jest/globals';
import { mergeRanges, subtractRanges, type Range } from './ranges.js';

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

describe('ranges without others', () => {
  type Pairs = [number, number][];
  const toRanges = (pairs: Pairs): Range[] => pairs.map(([start, end]) => ({ start, end }));

  it.each<[string, Pairs, Pairs, Pairs]>([
    ['nothing', [[10, 20]], [], [[10, 20]]],
    [
      'those before and after',
      [[10, 20]],
      [
        [0, 10],
        [20, 30],
      ],
      [[10, 20]],
    ],
    ['the beginning', [[10, 20]], [[5, 12]], [[12, 20]]],
    ['the beginning from its start on', [[10, 20]], [[10, 12]], [[12, 20]]],
    ['the end', [[10, 20]], [[18, 25]], [[10, 18]]],
    ['the end up to it', [[10, 20]], [[18, 20]], [[10, 18]]],
    [
      'parts of it',
      [[10, 20]],
      [
        [12, 13],
        [15, 16],
      ],
      [
        [10, 12],
        [13, 15],
        [16, 20],
      ],
    ],
    ['all of it', [[10, 20]], [[10, 20]], []],
    [
      'more than it',
      [
        [10, 20],
        [30, 40],
      ],
      [[5, 35]],
      [[35, 40]],
    ],
    [
      'parts of several',
      [
        [10, 20],
        [30, 40],
      ],
      [
        [15, 16],
        [31, 32],
      ],
      [
        [10, 15],
        [16, 20],
        [30, 31],
        [32, 40],
      ],
    ],
  ])('remain: without %s', (_, ranges, removed, remaining) => {
    expect(subtractRanges(toRanges(ranges), toRanges(removed))).toEqual(toRanges(remaining));
  });
});
