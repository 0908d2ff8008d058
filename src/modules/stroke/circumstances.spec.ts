import { describe, expect, it } from '@jest/globals';
import { emergencyNumber } from './emergency-number.js';
import { selectLanguage } from './language.js';
import { ratingFaults } from './raters.js';
import { glucoseFaults, isLow, isVeryLow } from './glucose.js';
import { toElapsedTimes, timeFaults } from './request-faults.js';
import { computeScores } from './scores/index.js';
import { NIHSS_ITEMS } from './scores/nihss.js';
import { getNihssScore, timeWindows } from './time-windows.js';

const NOW = Date.parse('2026-11-23T09:00:00Z');

describe('the language', () => {
  it.each([
    [{ locale: 'ar-EG', profile: 'hi', acceptLanguage: 'en' }, 'ar'],
    [{ profile: 'hi-IN', acceptLanguage: 'en-US,en;q=0.9' }, 'hi'],
    [{ profile: 'en', acceptLanguage: 'fr, en;q=0.5, ar;q=0.8' }, 'ar'],
    [{ profile: 'en', acceptLanguage: '*' }, 'en'],
    [{ profile: 'en-GB', acceptLanguage: 'ar' }, 'en'],
    [{ profile: 'fr', acceptLanguage: 'hi;q=0, ar;q=0.1' }, 'ar'],
    [{ locale: 'fr', profile: 'de' }, 'en'],
    [{}, 'en'],
  ])('of %j is %s', (asked, language) => {
    expect(selectLanguage(asked)).toBe(language);
  });
});

describe('the emergency number', () => {
  const table = { EG: '123', IN: '112' };

  it.each([
    ['the clinic first', { clinicNumber: '999', country: 'EG', locales: [] }, { number: '999', from: 'CLINIC' }],
    ['then the country', { country: 'eg', locales: ['hi-IN'] }, { number: '123', from: 'COUNTRY' }],
    [
      'then the clinic’s country',
      { clinicCountry: 'EG', locales: ['hi-IN'] },
      { number: '123', from: 'CLINIC', country: 'EG' },
    ],
    [
      'none for a clinic in a country that is not in the table',
      { clinicCountry: 'FR', locales: ['hi-IN'] },
      { number: null },
    ],
    ['then the locale', { locales: [null, 'hi-IN'] }, { number: '112', from: 'LOCALE', country: 'IN' }],
    [
      'none for a country that is not in the table',
      { country: 'FR', locales: ['hi-IN'] },
      { number: null, from: null },
    ],
    ['none for a locale without a region', { locales: ['ar', 'en'] }, { number: null, from: null }],
    ['none for a name of every object', { country: 'toString', locales: [] }, { number: null }],
  ])('is of %s', (_, place, expected) => {
    expect(emergencyNumber(place, table)).toMatchObject(expected);
  });

  it('has no default', () => {
    for (const country of ['US', 'EG', 'IN', 'GB'])
      expect(emergencyNumber({ country, locales: [] }, {}).number).toBeNull();
  });
});

describe('times', () => {
  const fields = (times: object): string[] => timeFaults(times, NOW).map(({ field }) => field);

  it('in the future are refused by field; up to ten minutes ahead is a phone’s clock and counts as now', () => {
    for (const minutes of [1, 5, 10]) {
      const ahead = new Date(NOW + minutes * 60_000).toISOString();
      const times = { lastKnownWell: ahead, recognisedAt: ahead, assessedAt: ahead };
      expect(fields(times)).toEqual([]);
      expect(toElapsedTimes(times, NOW)).toEqual({ assessedAt: NOW, sinceLastKnownWell: 0, sinceRecognised: 0 });
    }
    expect(fields({ lastKnownWell: '2026-11-23T09:10:01Z' })).toEqual(['lastKnownWell']);
    expect(fields({ assessedAt: '2026-11-23T10:00:00Z', recognisedAt: '2026-11-23T09:30:00Z' })).toEqual([
      'assessedAt',
      'recognisedAt',
    ]);
    expect(fields({ assessedAt: '2026-11-23T08:00:00Z', lastKnownWell: '2026-11-23T08:30:00Z' })).toEqual([
      'lastKnownWell',
    ]);
    expect(fields({ lastKnownWell: '2026-11-23T08:30:00Z', recognisedAt: '2026-11-23T08:00:00Z' })).toEqual([
      'recognisedAt',
    ]);
  });

  it('are instants: the hour that a change of clocks repeats counts', () => {
    // 01:30 EDT to 01:30 EST of 2026-11-01 in New York is one hour.
    const times = { lastKnownWell: '2026-11-01T01:30:00-04:00', assessedAt: '2026-11-01T01:30:00-05:00' };
    expect(toElapsedTimes(times, NOW).sinceLastKnownWell).toBe(60);
  });

  it('glucose is bounded by its unit', () => {
    expect(glucoseFaults({ glucose: 5.5 })).toHaveLength(1);
    expect(glucoseFaults({ glucose: 5.5, glucoseUnit: 'MMOL_L' })).toEqual([]);
    expect(glucoseFaults({ glucose: 110 })).toEqual([]);
    expect(glucoseFaults({ glucose: null })).toEqual([]);
  });

  it.each([
    [69.9, 'MG_DL', true, false],
    [70, 'MG_DL', false, false],
    [54, 'MG_DL', true, false],
    [53.9, 'MG_DL', true, true],
    [3.8, 'MMOL_L', true, false],
    [3.9, 'MMOL_L', false, false],
    [3, 'MMOL_L', true, false],
    [2.9, 'MMOL_L', true, true],
  ] as const)('glucose %s %s is low: %s, very low: %s', (glucose, glucoseUnit, low, veryLow) => {
    expect([isLow({ glucose, glucoseUnit }), isVeryLow({ glucose, glucoseUnit })]).toEqual([low, veryLow]);
  });
});

describe('the windows', () => {
  const open = (onset: Parameters<typeof timeWindows>[0]): string[] => timeWindows(onset).open.map(({ code }) => code);

  it('of an unknown time are unknown, never outside', () => {
    expect(timeWindows({ sinceLastKnownWell: null })).toMatchObject({
      ivtWindow: 'UNKNOWN',
      evtWindow: 'UNKNOWN',
      minutesSinceLastKnownWell: null,
      open: [],
    });
    expect(open({ sinceLastKnownWell: null, sinceRecognised: 270 })).toEqual(['IVT_EXTENDED_UNKNOWN_ONSET']);
  });

  it('hold their end and not a moment more', () => {
    expect(timeWindows({ sinceLastKnownWell: 270.01 })).toMatchObject({
      ivtWindow: 'EXTENDED_IMAGING_ONLY',
      minutesSinceLastKnownWell: 270,
    });
    expect(timeWindows({ sinceLastKnownWell: 541 }).ivtWindow).toBe('SPECIALIST_ONLY');
    expect(timeWindows({ sinceLastKnownWell: 1441 })).toMatchObject({
      ivtWindow: 'OUTSIDE',
      evtWindow: 'OUTSIDE',
      emergencyAdvice: true,
      open: [],
    });
  });

  it('open for a wake-up stroke by the middle of the sleep, for the basilar artery by the NIHSS', () => {
    // Asleep 10 h ago, awake 1 h ago: the middle of the sleep was 5.5 h ago.
    expect(open({ sinceLastKnownWell: 600, sinceRecognised: 60, wakeUp: true })).toContain('IVT_EXTENDED_WAKE_UP');
    expect(open({ sinceLastKnownWell: 1200, sinceRecognised: 60, wakeUp: true })).not.toContain('IVT_EXTENDED_WAKE_UP');
    expect(open({ sinceLastKnownWell: 600, wakeUp: true })).not.toContain('IVT_EXTENDED_WAKE_UP');
    expect(open({ sinceLastKnownWell: 600, nihss: 10 })).toContain('EVT_BASILAR_24_H');
    expect(open({ sinceLastKnownWell: 600, nihss: 9 })).not.toContain('EVT_BASILAR_24_H');
  });

  it('take no NIHSS that was not rated for a low one', () => {
    for (const nihss of [undefined, null])
      expect(open({ sinceLastKnownWell: 600, nihss })).toContain('EVT_BASILAR_24_H');
    expect(open({ sinceLastKnownWell: null, nihss: 30 })).not.toContain('EVT_BASILAR_24_H');
  });

  it('open from the recognition where nobody saw the onset, whenever the person was last well', () => {
    const found = { sinceLastKnownWell: 600, sinceRecognised: 60 };
    expect(open({ ...found, onsetWitnessed: false })).toContain('IVT_EXTENDED_UNKNOWN_ONSET');
    expect(open({ ...found, onsetWitnessed: false, sinceRecognised: 271 })).not.toContain('IVT_EXTENDED_UNKNOWN_ONSET');
    for (const onsetWitnessed of [true, null, undefined])
      expect(open({ ...found, onsetWitnessed })).not.toContain('IVT_EXTENDED_UNKNOWN_ONSET');
  });

  it('carry the caveat of an anticoagulant on each window of thrombolysis, and on no other', () => {
    for (const hours of [1, 5, 8, 12, 20]) {
      const onset = { sinceLastKnownWell: hours * 60, sinceRecognised: 30, wakeUp: true };
      for (const { code, caveats } of timeWindows({ ...onset, anticoagulant: true }).open) {
        expect({ code, caveats: caveats.join() }).toEqual({
          code,
          caveats: code.startsWith('IVT_') ? expect.stringMatching(/anticoagulant.*may exclude/) : '',
        });
      }
      for (const anticoagulant of [false, null, undefined]) {
        for (const { caveats } of timeWindows({ ...onset, anticoagulant }).open) expect(caveats).toEqual([]);
      }
    }
  });

  it('are not ruled out by an NIHSS that is only a lower bound', () => {
    const rated = Object.fromEntries(NIHSS_ITEMS.map((name) => [name, 0]));
    const bounded = getNihssScore(computeScores({ nihss: { ...rated, item5a: 'UN', item9: 3 } }));
    expect(open({ sinceLastKnownWell: 600, nihss: bounded })).toContain('EVT_BASILAR_24_H');
    const known = getNihssScore(computeScores({ nihss: { ...rated, item9: 3 } }));
    expect(open({ sinceLastKnownWell: 600, nihss: known })).not.toContain('EVT_BASILAR_24_H');
  });

  it('give no dose', () => {
    for (const hours of [1, 5, 8, 12])
      expect(JSON.stringify(timeWindows({ sinceLastKnownWell: hours * 60 }))).not.toMatch(/mg|dose/i);
  });
});

describe('who may rate', () => {
  const faults = (...args: Parameters<typeof ratingFaults>): string[] =>
    ratingFaults(...args).map(({ field }) => field);

  it('a patient anything but what needs a clinician, and nobody but a doctor as one', () => {
    expect(faults('CLIENT', 'SELF', { symptoms: {}, abcd2: {}, prevent: {}, cha2ds2: {}, framingham: {} })).toEqual([]);
    expect(faults('CLIENT', 'SELF', { cpss: {}, lams: {}, race: {}, nihss: {}, mrs: {} }).sort()).toEqual([
      'cpss',
      'lams',
      'mrs',
      'nihss',
      'race',
    ]);
    expect(faults('CLIENT', 'RESPONDER', { cpss: {}, lams: {}, race: {}, nihss: {}, mrs: {} })).toEqual([
      'nihss',
      'mrs',
    ]);
    for (const role of ['CLIENT', 'STAFF', 'MANAGER', 'ADMIN'] as const)
      expect(faults(role, 'CLINICIAN', { nihss: {} })).toEqual(['rater.role']);
    expect(faults('DOCTOR', 'CLINICIAN', { cpss: {}, nihss: {}, mrs: {} })).toEqual([]);
  });
});
