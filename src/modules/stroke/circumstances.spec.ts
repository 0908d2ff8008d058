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
    [
      'of the clinic, if it has one',
      { clinicNumber: '999', country: 'EG', locales: [] },
      { number: '999', from: 'CLINIC' },
    ],
    ['of the caller’s country', { country: 'eg', locales: ['hi-IN'] }, { number: '123', from: 'COUNTRY' }],
    [
      'of the clinic’s country, if the caller gives none',
      { clinicCountry: 'EG', locales: ['hi-IN'] },
      { number: '123', from: 'CLINIC', country: 'EG' },
    ],
    [
      'unknown for a clinic in a country that is not in the table',
      { clinicCountry: 'FR', locales: ['hi-IN'] },
      { number: null },
    ],
    [
      'of the locale’s region, if no country is known',
      { locales: [null, 'hi-IN'] },
      { number: '112', from: 'LOCALE', country: 'IN' },
    ],
    [
      'unknown for a country that is not in the table',
      { country: 'FR', locales: ['hi-IN'] },
      { number: null, from: null },
    ],
    ['unknown for a locale without a region', { locales: ['ar', 'en'] }, { number: null, from: null }],
    [
      'unknown for a country with the name of an object’s own method',
      { country: 'toString', locales: [] },
      { number: null },
    ],
  ])('is %s', (_, place, expected) => {
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
});

describe('a glucose', () => {
  it('must be within the measurable range of its unit', () => {
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
  ] as const)('of %s %s is low: %s, very low: %s', (glucose, glucoseUnit, low, veryLow) => {
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

  it.each([
    [270, 'STANDARD', '0_6H'],
    [270.01, 'EXTENDED_IMAGING_ONLY', '0_6H'],
    [360, 'EXTENDED_IMAGING_ONLY', '0_6H'],
    [360.01, 'EXTENDED_IMAGING_ONLY', '6_24H'],
    [540, 'EXTENDED_IMAGING_ONLY', '6_24H'],
    [540.01, 'SPECIALIST_ONLY', '6_24H'],
    [1440, 'SPECIALIST_ONLY', '6_24H'],
    [1440.01, 'OUTSIDE', 'OUTSIDE'],
  ])('include their end and not a moment more: %s minutes', (sinceLastKnownWell, ivtWindow, evtWindow) => {
    expect(timeWindows({ sinceLastKnownWell })).toMatchObject({
      ivtWindow,
      evtWindow,
      emergencyAdvice: true,
      minutesSinceLastKnownWell: Math.floor(sinceLastKnownWell),
    });
  });

  it.each([
    ['IVT_STANDARD', 0, 270],
    ['IVT_EXTENDED_4_5_TO_9_H', 270.01, 540],
    ['IVT_LVO_WITHOUT_EVT_4_5_TO_24_H', 270.01, 1440],
    ['EVT_0_TO_6_H', 0, 360],
    ['EVT_SELECTED_6_TO_24_H', 360.01, 1440],
    ['EVT_BASILAR_24_H', 0, 1440],
  ])('list %s as open from %s to %s minutes', (code, first, last) => {
    for (const minutes of [first, last]) expect(open({ sinceLastKnownWell: minutes })).toContain(code);
    expect(open({ sinceLastKnownWell: last + 0.01 })).not.toContain(code);
    if (first > 0) expect(open({ sinceLastKnownWell: first - 0.01 })).not.toContain(code);
  });

  it('open for a wake-up stroke by the middle of the sleep, for the basilar artery by the NIHSS', () => {
    // Asleep 10 h ago, awake 1 h ago: the middle of the sleep was 5.5 h ago.
    expect(open({ sinceLastKnownWell: 600, sinceRecognised: 60, wakeUp: true })).toContain('IVT_EXTENDED_WAKE_UP');
    expect(open({ sinceLastKnownWell: 1200, sinceRecognised: 60, wakeUp: true })).not.toContain('IVT_EXTENDED_WAKE_UP');
    expect(open({ sinceLastKnownWell: 600, wakeUp: true })).not.toContain('IVT_EXTENDED_WAKE_UP');
    expect(open({ sinceLastKnownWell: 600, nihss: 10 })).toContain('EVT_BASILAR_24_H');
    expect(open({ sinceLastKnownWell: 600, nihss: 9 })).not.toContain('EVT_BASILAR_24_H');
  });

  it('do not treat a missing NIHSS as a low one', () => {
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

  it('depends on the training that a scale needs; only a doctor may rate as a clinician', () => {
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
