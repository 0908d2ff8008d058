import { describe, expect, it } from '@jest/globals';
import { at } from '../support/clinic.js';
import { rounds } from '../support/long-form.js';
import { simulate } from '../simulation/simulation.js';

/** A small part of what `npm run simulate` does: random actions of thirty people, with every rule checked after each burst. */

describe('a simulated day of a clinic', () => {
  it('breaks no rule', async () => {
    const date = at(2).slice(0, 10);
    const { violations, tally } = await simulate({
      seed: 3,
      actions: rounds(36, 60),
      burst: 12,
      date,
      timeZone: 'Africa/Cairo',
    });
    expect(violations).toEqual([]);
    expect(tally['book 201']).toBeGreaterThan(0);
  });

  it('breaks no rule when the clocks are put forward', async () => {
    const options = { seed: 5, actions: rounds(24, 36), burst: 12, date: '2027-03-28', timeZone: 'Europe/Berlin' };
    expect((await simulate(options)).violations).toEqual([]);
  });

  it('makes the same day again from the same seed, one action at a time, also when the clocks are put back', async () => {
    const day = { seed: 11, actions: rounds(6, 20), burst: 1, date: '2027-10-31', timeZone: 'Europe/Berlin' };
    const [first, second] = [await simulate(day), await simulate(day)];
    expect(second.tally).toEqual(first.tally);
    expect([...first.violations, ...second.violations]).toEqual([]);
  });
});
