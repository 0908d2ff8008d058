import { describe, expect, it } from '@jest/globals';
import { parseBirthDates } from './birth-dates.js';

describe('parsing a date of birth', () => {
  it.each([
    '1988-04-23',
    '1988/4/23',
    '1988.04.23',
    '19880423',
    '23.04.1988',
    '23. 4. 1988',
    '23/04/1988',
    '04/23/1988',
    '23-4-1988',
    '23 April 1988',
    '23rd Apr 1988',
    'April 23, 1988',
    '23-Apr-1988',
    '٢٣/٠٤/١٩٨٨',
    '२३/०४/१९८८',
    '23 أبريل 1988',
    '23 अप्रैल 1988',
  ])('reads %s as 1988-04-23', (typed) => expect(parseBirthDates(typed)).toEqual(['1988-04-23']));

  it('returns both possible days for an ambiguous date with slashes', () => {
    expect(parseBirthDates('02/04/1988')).toEqual(['1988-04-02', '1988-02-04']);
    expect(parseBirthDates('04/04/1988')).toEqual(['1988-04-04']);
  });

  it.each(['', 'Mona', '1988', '31.02.1988', '1988-13-01', '0100 123 4567', '2 Apr', 'April April 1988'])(
    'finds no date in %j',
    (typed) => expect(parseBirthDates(typed)).toEqual([]),
  );
});
