import { describe, expect, it } from '@jest/globals';
import { DomainError } from '../../../core/kernel/domain-error.js';
import { expandRule, MAX_OCCURRENCES } from './series-rule.js';

const expand = (rrule: string, start: string, zone = 'Africa/Cairo'): string[] =>
  expandRule(rrule, Date.parse(start), zone).map((instant) => new Date(instant).toISOString().replace(':00.000Z', 'Z'));

function problem(rrule: string, start = '2026-06-01T09:00Z', zone = 'UTC'): string {
  try {
    expandRule(rrule, Date.parse(start), zone);
  } catch (error) {
    if (error instanceof DomainError) return JSON.stringify(error.details);
    throw error;
  }
  return 'accepted';
}

describe('a recurrence rule', () => {
  it('keeps the local time across clock changes', () => {
    expect(expand('FREQ=WEEKLY;COUNT=3', '2026-10-24T07:00Z', 'Europe/London').map((s) => s.slice(5))).toEqual([
      '10-24T07:00Z',
      '10-31T08:00Z',
      '11-07T08:00Z',
    ]);
    expect(expand('FREQ=DAILY;COUNT=3', '2026-10-03T00:00Z', 'Australia/Lord_Howe').map((s) => s.slice(5))).toEqual([
      '10-03T00:00Z',
      '10-03T23:30Z',
      '10-04T23:30Z',
    ]);
  });

  it('leaves out a time that the clocks skip, without counting it, and takes a repeated time once', () => {
    expect(expand('FREQ=DAILY;COUNT=3', '2026-03-07T07:30Z', 'America/New_York')).toEqual([
      '2026-03-07T07:30Z',
      '2026-03-09T06:30Z',
      '2026-03-10T06:30Z',
    ]);
    expect(expand('FREQ=DAILY;COUNT=3', '2026-10-31T05:30Z', 'America/New_York')).toEqual([
      '2026-10-31T05:30Z',
      '2026-11-01T05:30Z',
      '2026-11-02T06:30Z',
    ]);
  });

  it('may start at the second of two equal local times', () => {
    expect(expand('FREQ=DAILY;COUNT=2', '2026-11-01T06:30Z', 'America/New_York')).toEqual([
      '2026-11-01T06:30Z',
      '2026-11-02T06:30Z',
    ]);
  });

  it('selects days of the month and weekdays', () => {
    expect(expand('rrule:freq=monthly;byday=-1FR;count=3', '2026-01-30T08:00Z')).toEqual([
      '2026-01-30T08:00Z',
      '2026-02-27T08:00Z',
      '2026-03-27T08:00Z',
    ]);
    expect(expand('FREQ=MONTHLY;COUNT=3', '2026-01-31T08:00Z', 'UTC')).toEqual([
      '2026-01-31T08:00Z',
      '2026-03-31T08:00Z',
      '2026-05-31T08:00Z',
    ]);
  });

  it('ends with UNTIL, which is an instant, a local time or a day', () => {
    const start = '2026-06-01T20:30Z';
    const zone = 'America/Los_Angeles';
    const three = ['2026-06-01T20:30Z', '2026-06-02T20:30Z', '2026-06-03T20:30Z'];
    expect(expand('FREQ=DAILY;UNTIL=20260603T203000Z', start, zone)).toEqual(three);
    expect(expand('FREQ=DAILY;UNTIL=20260603T202959Z', start, zone)).toEqual(three.slice(0, 2));
    expect(expand('FREQ=DAILY;UNTIL=20260603T133000', start, zone)).toEqual(three);
    expect(expand('FREQ=DAILY;UNTIL=20260603T132900', start, zone)).toEqual(three.slice(0, 2));
    expect(expand('FREQ=DAILY;UNTIL=20260603', start, zone)).toEqual(three);
    expect(expand('FREQ=DAILY;UNTIL=20260603T133030', '2026-06-01T20:30:30Z', zone)).toHaveLength(3);
    expect(expand('FREQ=DAILY;UNTIL=20260603T133029', '2026-06-01T20:30:30Z', zone)).toHaveLength(2);
    // At midnight in Los Angeles: that of 4 June is no longer on the 3rd.
    expect(expand('FREQ=DAILY;UNTIL=20260603', '2026-06-01T07:00Z', zone)).toHaveLength(3);
  });

  it.each([
    ['FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2', '2026-06-30', '2026-07-31'],
    ['FREQ=MONTHLY;BYMONTHDAY=+1,15;COUNT=2', '2026-06-01', '2026-06-15'],
    ['FREQ=MONTHLY;BYDAY=1MO,3WE;COUNT=2', '2026-06-01', '2026-06-17'],
    ['FREQ=MONTHLY;BYDAY=+1MO,-1WE;COUNT=2', '2026-06-01', '2026-06-24'],
    ['FREQ=YEARLY;BYDAY=22MO,23TU;COUNT=2', '2026-06-01', '2026-06-09'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=MO;COUNT=2', '2026-06-01', '2026-06-07'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU;COUNT=2', '2026-06-01', '2026-06-14'],
    ['FREQ=YEARLY;BYYEARDAY=-214,200;COUNT=2', '2026-06-01', '2026-07-19'],
    ['FREQ=YEARLY;BYWEEKNO=23,24;BYDAY=MO;COUNT=2', '2026-06-01', '2026-06-08'],
    ['FREQ=WEEKLY;INTERVAL=100;COUNT=2', '2026-06-01', '2028-05-01'],
  ])('has all days of %s', (rrule, first, second) => {
    expect(expand(rrule, `${first}T09:00Z`, 'UTC')).toEqual([`${first}T09:00Z`, `${second}T09:00Z`]);
  });

  it.each([
    ...[
      'FREQ=XDAILY',
      'FREQ=DAILYX',
      'INTERVAL=0',
      'INTERVAL=01',
      'INTERVAL=1X',
      'INTERVAL=1000',
      'COUNT=02',
      'COUNT=2X',
    ],
    ...[
      'UNTIL=X20260603',
      'UNTIL=20260603X',
      'UNTIL=2026-06-03',
      'BYDAY=XMO',
      'BYDAY=MOX',
      'BYDAY=MO,',
      'BYDAY=MO,XTU',
    ],
    ...['BYDAY=100MO', 'BYDAY=MO,*1TU', 'WKST=XMO', 'WKST=MOX', 'WKST=MO,TU', 'BYMONTHDAY=X1', 'BYMONTHDAY=1X'],
    ...[
      'BYMONTHDAY=1,32',
      'BYMONTHDAY=-32',
      'BYMONTHDAY=*1',
      'BYYEARDAY=367',
      'BYWEEKNO=54',
      'BYSETPOS=367',
      'BYMONTH=+1',
    ],
  ])('has no valid value in %s', (part) => {
    const [name = ''] = part.split('=');
    expect(problem(part)).toBe(JSON.stringify([{ field: 'rrule', error: `has an invalid value for ${name}` }]));
  });

  it('may select few of many days', () => {
    expect(expand('FREQ=DAILY;BYDAY=MO;COUNT=100', '2026-06-01T09:00Z', 'UTC').at(-1)).toBe('2028-04-24T09:00Z');
    expect(expand('FREQ=MONTHLY;BYMONTH=12;COUNT=30', '2026-12-07T09:00Z').at(-1)).toBe('2055-12-07T09:00Z');
  });

  it.each([
    ['FREQ=DAILY', 'COUNT or an UNTIL'],
    ['FREQ=DAILY;COUNT=2;UNTIL=20270101', 'COUNT or an UNTIL'],
    ['COUNT=2', 'must have a FREQ'],
    [' FREQ=DAILY;COUNT=2', 'not supported'],
    ['FREQ=DAILY;RRULE:COUNT=2', 'not supported'],
    ['FREQ=HOURLY;COUNT=2', 'FREQ'],
    ['FREQ=DAILY;COUNT=2;BYHOUR=9', 'not supported'],
    ['FREQ=DAILY;COUNT=2;constructor=1', 'not supported'],
    ['FREQ=DAILY;COUNT=2;COUNT=3', 'COUNT twice'],
    ['FREQ=DAILY;COUNT=0', 'COUNT'],
    [`FREQ=DAILY;COUNT=${MAX_OCCURRENCES + 1}`, `a COUNT of at most ${MAX_OCCURRENCES}`],
    ['FREQ=DAILY;UNTIL=20991231', `at most ${MAX_OCCURRENCES}`],
    ['FREQ=DAILY;UNTIL=20261345', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=20260601T250000Z', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=20260603T996099', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=20261345T000000Z', 'RFC 5545'],
    ['FREQ=YEARLY;INTERVAL=999;COUNT=3', '2200'],
    ['FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=8;COUNT=2', 'too few'],
    ['FREQ=DAILY;UNTIL=20260501', 'first occurrence'],
    ['FREQ=WEEKLY;BYDAY=TU;COUNT=2', 'first occurrence'],
    ['FREQ=WEEKLY;BYDAY=XX;COUNT=2', 'BYDAY'],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2', 'RFC 5545'],
    ['FREQ=YEARLY;BYMONTH=13;COUNT=2', 'BYMONTH'],
    ['FREQ=YEARLY;BYMONTH=-1;COUNT=2', 'BYMONTH'],
    ['FREQ=MONTHLY;BYMONTHDAY=0;COUNT=2', 'BYMONTHDAY'],
    ['FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=2', 'RFC 5545'],
    ['FREQ=DAILY;COUNT=2\nDTSTART:20200101T000000Z', 'COUNT'],
    ['every Monday', 'not supported'],
    ['', 'not supported'],
  ])('is refused: %s', (rrule, error) => {
    expect(problem(rrule)).toContain(error);
  });
});
