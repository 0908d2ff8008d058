import { describe, expect, it } from '@jest/globals';
import { dayNumber, Zone } from '../../core/kernel/zone.js';
import { gridOn } from './calendar.js';

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
