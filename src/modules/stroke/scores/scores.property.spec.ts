import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ABCD2_RANGES, CLINICAL_FEATURES } from './abcd2.js';
import { BE_FAST_SIGNS } from './be-fast.js';
import { BIOLOGICAL_SEXES } from './cha2ds2.js';
import { CPSS_MAXIMA } from './cpss.js';
import type { ScoreResult, Range } from './score-result.js';
import { FRAMINGHAM_RANGES } from './framingham.js';
import { computeScores, type Ratings } from './index.js';
import { LAMS_MAXIMA } from './lams.js';
import { NIHSS_MAXIMA, UNTESTABLE } from './nihss.js';
import { PREVENT_RANGES } from './prevent.js';
import { RACE_MAXIMA } from './race.js';

type Arbitraries = Record<string, fc.Arbitrary<any>>;

const scale = (maxima: Record<string, number>): Arbitraries =>
  Object.fromEntries(Object.entries(maxima).map(([name, max]) => [name, fc.integer({ min: 0, max })]));
const ranges = (of: Record<string, Range>): Arbitraries =>
  Object.fromEntries(
    Object.entries(of).map(([name, [min, max]]) => [name, fc.integer({ min: Math.ceil(min), max: Math.floor(max) })]),
  );
const facts = (...names: string[]): Arbitraries => Object.fromEntries(names.map((name) => [name, fc.boolean()]));
const sex = fc.constantFrom(...BIOLOGICAL_SEXES);

/** Aphasia is rated where the right side is weak, and agnosia is not. */
const { agnosia: _, ...RACE_ITEMS } = RACE_MAXIMA;

/** Every item of every instrument, as it may be rated. */
const COMPLETE: Record<keyof Ratings, Arbitraries> = {
  symptoms: facts(...BE_FAST_SIGNS),
  cpss: scale(CPSS_MAXIMA),
  nihss: scale(NIHSS_MAXIMA),
  lams: scale(LAMS_MAXIMA),
  race: { ...scale(RACE_ITEMS), hemiparesis: fc.constant('RIGHT') },
  abcd2: { ...ranges(ABCD2_RANGES), clinical: fc.constantFrom(...CLINICAL_FEATURES), ...facts('diabetes') },
  cha2ds2: {
    age: fc.integer({ min: 0, max: 120 }),
    sex,
    ...facts('heartFailure', 'hypertension', 'diabetes', 'strokeOrTia', 'vascularDisease'),
  },
  mrs: { grade: fc.integer({ min: 0, max: 6 }) },
  prevent: { ...ranges(PREVENT_RANGES), sex, ...facts('diabetes', 'smoker', 'bpTreated', 'statin') },
  framingham: { ...ranges(FRAMINGHAM_RANGES), sex, ...facts('diabetes', 'smoker', 'bpTreated') },
};

const INSTRUMENTS = Object.keys(COMPLETE) as (keyof Ratings)[];
const results = (part: keyof Ratings, input: object): ScoreResult[] => computeScores({ [part]: input });

/** Whether the score of a part requires the item, with these ratings. */
function isRequired(part: keyof Ratings, name: string, input: Record<string, unknown>): boolean {
  if (name === 'bmi') return false;
  if (part === 'race') return name !== 'aphasia' || Boolean(input.hemiparesis);
  const isOffice = part === 'framingham' && typeof input.bmi === 'number';
  return !isOffice || !['totalCholesterolMgDl', 'hdlMgDl'].includes(name);
}

describe.each(INSTRUMENTS)('%s', (part) => {
  const names = Object.keys(COMPLETE[part]);
  const complete = fc.record(COMPLETE[part]);

  it('has a score within its bounds if it is complete, and lists every rated item', () => {
    fc.assert(
      fc.property(complete, (input: Record<string, unknown>) => {
        const all = results(part, input);
        expect(new Set(all.flatMap(({ items }) => items.map(({ name }) => name)))).toEqual(new Set(names));
        for (const result of all) {
          expect(result).toMatchObject({ complete: true, missing: [] });
          expect(result.version).not.toBe('');
          expect(result.source).not.toBe('');
          if (result.notComputed) continue;
          expect(result.score).toBeGreaterThanOrEqual(0);
          expect(result.score).toBeLessThanOrEqual(result.max);
          for (const { name, value } of result.items) expect(value).toEqual(input[name]);
        }
      }),
    );
  });

  it('has no score while a required item is missing, and names what is missing', () => {
    const dropped = fc.subarray(names, { minLength: 1 });
    fc.assert(
      fc.property(complete, dropped, fc.boolean(), (input: Record<string, unknown>, gone, asNull) => {
        const partial = { ...input };
        for (const name of gone) {
          if (asNull) partial[name] = null;
          else delete partial[name];
        }
        const whole = results(part, input);
        for (const [index, result] of results(part, partial).entries()) {
          const counted = (whole[index] as ScoreResult).items.map(({ name }) => name);
          const missing = counted.filter((name) => gone.includes(name) && isRequired(part, name, partial));
          expect(result.missing).toEqual(missing);
          expect(result.complete).toBe(missing.length === 0);
          if (missing.length > 0) expect(result.score).toBeNull();
        }
      }),
    );
  });

  it('has neither a score nor a class if nothing was rated', () => {
    for (const result of results(part, {})) {
      expect(result).toMatchObject({ score: null, complete: false, interpretation: null });
      expect(result.missing.length).toBeGreaterThan(0);
    }
  });
});

describe('points', () => {
  it('add up to the maximum of each instrument', () => {
    const old = { age: 90, sex: 'FEMALE' as const, heartFailure: true, hypertension: true, diabetes: true };
    const all = computeScores({
      cpss: CPSS_MAXIMA,
      nihss: NIHSS_MAXIMA,
      lams: LAMS_MAXIMA,
      race: { ...RACE_ITEMS, hemiparesis: 'RIGHT' },
      abcd2: { age: 60, systolic: 140, diastolic: 90, clinical: 'WEAKNESS', durationMinutes: 60, diabetes: true },
      cha2ds2: { ...old, strokeOrTia: true, vascularDisease: true },
    });
    expect(all.map(({ instrument, score }) => [instrument, score])).toEqual([
      ['CPSS', 3],
      ['NIHSS', 42],
      ['LAMS', 5],
      ['RACE', 9],
      ['ABCD2', 7],
      ['CHA2DS2_VASC', 9],
      ['CHA2DS2_VA', 8],
    ]);
    for (const { score, max } of all) expect(score).toBe(max);
  });

  it('outside of the range of their item are refused, and so are measured values', () => {
    for (const [name, max] of Object.entries(NIHSS_MAXIMA)) {
      for (const wrong of [-1, max + 1, 0.5, Number.NaN])
        expect(() => computeScores({ nihss: { [name]: wrong } })).toThrow(RangeError);
    }
    for (const [name, [min, max]] of Object.entries(PREVENT_RANGES)) {
      for (const wrong of [min - 0.1, max + 0.1])
        expect(() => computeScores({ prevent: { [name]: wrong } })).toThrow(RangeError);
    }
  });
});

describe('the classes of the scores', () => {
  const only = <Name extends keyof Ratings>(part: Name, input: Ratings[Name]): ScoreResult =>
    results(part, input as object)[0] as ScoreResult;
  const getNihssScore = (total: number): ScoreResult => {
    let left = total;
    const rated = Object.entries(NIHSS_MAXIMA).map(([name, max]) => {
      const points = Math.min(left, max);
      left -= points;
      return [name, points];
    });
    return only('nihss', Object.fromEntries(rated) as object);
  };

  it.each([
    [0, 'NONE'],
    [1, 'MINOR'],
    [4, 'MINOR'],
    [5, 'MODERATE'],
    [15, 'MODERATE'],
    [16, 'MODERATE_SEVERE'],
    [20, 'MODERATE_SEVERE'],
    [21, 'SEVERE'],
    [42, 'SEVERE'],
  ])('NIHSS %s is %s', (score, interpretation) => {
    expect(getNihssScore(score)).toMatchObject({ score, interpretation });
  });

  it('NIHSS leaves out what can not be tested, and flags it', () => {
    const ones = Object.fromEntries(Object.keys(NIHSS_MAXIMA).map((name) => [name, 1]));
    expect(only('nihss', { ...ones, item5a: UNTESTABLE, item10: UNTESTABLE })).toMatchObject({
      score: 13,
      complete: false,
      missing: [],
      details: { untestable: ['item5a', 'item10'], isLowerBound: true },
    });
  });

  it('NIHSS accepts UN only for limbs and speech, so that an untested person does not score zero', () => {
    const refused = Object.keys(NIHSS_MAXIMA).filter((name) => {
      try {
        computeScores({ nihss: { [name]: UNTESTABLE } });
        return false;
      } catch {
        return true;
      }
    });
    expect(refused).toEqual(['1a', '1b', '1c', '2', '3', '4', '8', '9', '11'].map((number) => `item${number}`));
  });

  it('CPSS scores two immobile arms as normal, and has no probability of its own for two signs', () => {
    expect(only('cpss', { facialDroop: 0, armDrift: 1, abnormalSpeech: 0, bothArmsImmobile: true })).toMatchObject({
      score: 0,
      details: { positive: false, probability: null },
    });
    expect(only('cpss', { facialDroop: 0, abnormalSpeech: 1, bothArmsImmobile: true })).toMatchObject({ score: 1 });
    expect(only('cpss', { facialDroop: 1, armDrift: 1, abnormalSpeech: 0 }).details).toMatchObject({
      probability: '>=72 %',
    });
    expect(only('cpss', { facialDroop: 1 })).toMatchObject({ score: null, details: { positive: true } });
  });

  it('RACE rates aphasia for a weak right side and agnosia for a weak left side', () => {
    const motor = { facialPalsy: 2, arm: 2, leg: 0, gaze: 1 };
    expect(only('race', { ...motor, hemiparesis: 'RIGHT', aphasia: 2 })).toMatchObject({
      score: 7,
      details: { sensitivityPct: 53, specificityPct: 89, ignored: [] },
    });
    for (const hemiparesis of ['LEFT', 'RIGHT', null] as const)
      expect(() => only('race', { ...motor, hemiparesis, aphasia: 0, agnosia: 0 })).toThrow(RangeError);
    expect(only('race', { ...motor, hemiparesis: 'LEFT', aphasia: 2 }).missing).toEqual(['agnosia']);
    expect(only('race', motor).missing).toEqual(['hemiparesis']);
    const none = { facialPalsy: 0, arm: 0, leg: 0, gaze: 0, agnosia: 0, hemiparesis: 'LEFT' as const };
    expect(only('race', none)).toMatchObject({ score: 0, details: { sensitivityPct: null, lvoLikely: false } });
  });

  it('CHA2DS2-VASc recommends one point later for women; the yearly risks of CHA2DS2-VA are not monotone', () => {
    const person = {
      age: 50,
      heartFailure: false,
      hypertension: true,
      diabetes: false,
      strokeOrTia: false,
      vascularDisease: false,
    };
    const [vascWoman, vaWoman] = results('cha2ds2', { ...person, sex: 'FEMALE' });
    expect([vascWoman?.score, vascWoman?.interpretation, vaWoman?.score, vaWoman?.interpretation]).toEqual([
      2,
      'CONSIDER',
      1,
      'CONSIDER',
    ]);
    expect(results('cha2ds2', { ...person, diabetes: true, sex: 'MALE' })[0]?.interpretation).toBe('RECOMMENDED');
    expect(results('cha2ds2', { ...person, diabetes: true, sex: 'FEMALE' })[0]?.interpretation).toBe('RECOMMENDED');
    const [unknownSex, va] = results('cha2ds2', person);
    expect([unknownSex?.score, unknownSex?.missing, va?.score]).toEqual([null, ['sex'], 1]);
    // A man of 64 with five points: a public source wrongly prints 6.
    const man = {
      age: 64,
      sex: 'MALE',
      heartFailure: true,
      hypertension: true,
      diabetes: true,
      strokeOrTia: true,
      vascularDisease: false,
    };
    expect(results('cha2ds2', man)[0]?.score).toBe(5);
    const most = { ...person, age: 80, heartFailure: true, diabetes: true, strokeOrTia: true };
    const risk = (input: object): unknown =>
      (results('cha2ds2', input)[1]!.details as { annualRiskPct: number }).annualRiskPct;
    expect([risk({ ...most, vascularDisease: true }), risk(most), risk({ ...most, diabetes: false })]).toEqual([
      19.5, 14.7, 15.5,
    ]);
  });

  it('mRS has its labels in full', () => {
    const labels = [0, 1, 2, 3, 4, 5, 6].map((grade) => (only('mrs', { grade }).details as { label: string }).label);
    expect(labels).toEqual([
      'No symptoms at all',
      'No significant disability despite symptoms',
      'Slight disability',
      'Moderate disability',
      'Moderately severe disability',
      'Severe disability',
      'Dead',
    ]);
  });

  it('Framingham uses the lipids if both are known, otherwise the BMI', () => {
    const facts = { sex: 'FEMALE', age: 50, systolic: 130, bpTreated: true, smoker: false, diabetes: false } as const;
    const lipids = { totalCholesterolMgDl: 200, hdlMgDl: 45 };
    const getModel = (input: object): unknown => (only('framingham', { ...facts, ...input }).details as any).model;
    expect(getModel({ bmi: 28 })).toBe('BMI');
    expect(getModel({ bmi: 28, hdlMgDl: 45, totalCholesterolMgDl: null })).toBe('BMI');
    expect(getModel({ bmi: 28, ...lipids })).toBe('LIPIDS');
    expect(only('framingham', facts)).toMatchObject({ score: null, missing: ['totalCholesterolMgDl', 'hdlMgDl'] });
  });

  it('cites an original paper with its DOI for every instrument', () => {
    for (const part of INSTRUMENTS) {
      for (const { instrument, source } of results(part, {})) {
        expect({ instrument, source }).toEqual({ instrument, source: expect.stringMatching(/doi 10\.\d{4,}\//) });
      }
    }
  });

  it('PREVENT computes all but heart failure without a BMI', () => {
    const facts = {
      sex: 'FEMALE',
      age: 50,
      totalCholesterolMgDl: 200,
      hdlMgDl: 45,
      systolic: 160,
      diabetes: true,
      smoker: false,
      bpTreated: true,
      statin: false,
      egfr: 90,
    };
    const [result] = results('prevent', facts);
    const outcomes = (result!.details as { outcomes: { outcome: string; risk: number | null; missing: string[] }[] })
      .outcomes;
    expect(result?.score).toBeCloseTo(0.147, 3);
    expect(outcomes.filter(({ risk }) => risk === null)).toEqual([
      { outcome: 'HEART_FAILURE', risk: null, missing: ['bmi'] },
    ]);
    expect(outcomes.find(({ outcome }) => outcome === 'STROKE')?.risk).toBeCloseTo(0.054, 3);
  });
});
