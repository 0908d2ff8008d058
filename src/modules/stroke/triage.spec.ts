import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LANGUAGES } from '../../core/kernel/locale.js';
import { BE_FAST_SIGNS } from './scores/be-fast.js';
import { adviceTexts, strokeCallText, disclaimerText } from './texts.js';
import { LEVELS, SIGNS, triage, type Level, type Presentation } from './triage.js';

const getRank = (level: Level): number => LEVELS.indexOf(level);
const NO_SIGN = Object.fromEntries(SIGNS.map((sign) => [sign, false]));
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const points = (max: number): fc.Arbitrary<number | null | undefined> =>
  fc.option(fc.integer({ min: 0, max }), { nil: undefined });

const symptoms = fc.record(
  Object.fromEntries(SIGNS.map((sign) => [sign, fc.option(fc.boolean(), { nil: undefined })])),
);
const presentation = fc.record({
  symptoms: maybe(symptoms),
  symptomsResolved: maybe(fc.boolean()),
  glucose: maybe(fc.integer({ min: 20, max: 400 })),
}) as fc.Arbitrary<Presentation>;
const scores = fc.record({
  cpss: maybe(fc.record({ facialDroop: points(1), armDrift: points(1), abnormalSpeech: points(1) })),
  lams: maybe(fc.record({ facialDroop: points(1), armDrift: points(2), gripStrength: points(2) })),
  race: maybe(fc.record({ facialPalsy: points(2), arm: points(2), gaze: points(1) })),
  nihss: maybe(fc.record({ item1a: points(3), item4: points(3), item5a: points(4) })),
  abcd2: maybe(
    fc.record({ age: points(59), clinical: fc.constantFrom('WEAKNESS' as const, 'SPEECH' as const, 'OTHER' as const) }),
  ),
  mrs: maybe(fc.record({ grade: points(6) })),
  cha2ds2: maybe(fc.record({ age: points(120) })),
  prevent: maybe(fc.record({ age: fc.integer({ min: 30, max: 79 }) })),
  framingham: maybe(fc.record({ age: fc.integer({ min: 30, max: 74 }) })),
}) as fc.Arbitrary<Presentation>;

describe('triage', () => {
  it.each(SIGNS)('calls for %s alone, and also after it went away', (sign) => {
    for (const symptomsResolved of [undefined, false, true]) {
      expect(triage({ symptoms: { [sign]: true }, symptomsResolved })).toMatchObject({ level: 'CALL_EMERGENCY' });
      expect(triage({ symptoms: { ...NO_SIGN, [sign]: true }, symptomsResolved }).level).toBe('CALL_EMERGENCY');
    }
  });

  it('calls for any finding of a scale of examination, complete or not', () => {
    for (const found of [
      { cpss: { abnormalSpeech: 1 } },
      { lams: { gripStrength: 1 } },
      { race: { gaze: 1 } },
      { nihss: { item9: 1 } },
      { abcd2: { clinical: 'SPEECH' as const } },
    ]) {
      expect(triage({ symptoms: NO_SIGN, ...found }).level).toBe('CALL_EMERGENCY');
    }
  });

  it('calls for two arms that do not move, which CPSS scores as normal', () => {
    for (const armDrift of [0, 1, undefined]) {
      expect(triage({ symptoms: NO_SIGN, cpss: { armDrift, bothArmsImmobile: true } })).toMatchObject({
        level: 'CALL_EMERGENCY',
        reasons: expect.arrayContaining(['CPSS_BOTH_ARMS_IMMOBILE']),
      });
    }
  });

  it('calls for a deficit that has not gone away, whatever ABCD2 says', () => {
    for (const clinical of ['OTHER', undefined] as const) {
      const abcd2 = { age: 20, systolic: 110, diastolic: 70, clinical, durationMinutes: 1, diabetes: false };
      expect(triage({ symptoms: NO_SIGN, abcd2, symptomsResolved: false }).level).toBe('CALL_EMERGENCY');
      expect(triage({ abcd2, symptomsResolved: true }).level).toBe('URGENT');
    }
    expect(triage({ symptomsResolved: false })).toMatchObject({ reasons: ['DEFICIT_NOT_RESOLVED'] });
  });

  it('calls for a very low glucose with any symptom, but not without one', () => {
    for (const glucose of [{ glucose: 53 }, { glucose: 2.9, glucoseUnit: 'MMOL_L' as const }]) {
      expect(triage({ ...glucose, symptoms: NO_SIGN }).level).toBe('ROUTINE');
      for (const symptom of [
        { symptomsResolved: true },
        { abcd2: { clinical: 'OTHER' as const } },
        { wakeUp: true },
        { recognisedAt: '2026-11-23T08:00:00Z' },
      ]) {
        expect(triage({ ...glucose, ...symptom }).level).toBe('CALL_EMERGENCY');
        expect(triage({ ...symptom, glucose: 54 }).level).not.toBe('CALL_EMERGENCY');
      }
    }
  });

  it('finds a transient attack urgent however low its score', () => {
    const low = {
      age: 30,
      systolic: 110,
      diastolic: 70,
      clinical: 'OTHER' as const,
      durationMinutes: 1,
      diabetes: false,
    };
    expect(triage({ symptoms: NO_SIGN, abcd2: low }).level).toBe('URGENT');
    expect(triage({ symptoms: NO_SIGN, symptomsResolved: true }).level).toBe('URGENT');
  });

  it('does not count an unanswered sign as a no', () => {
    expect(triage({ symptoms: NO_SIGN })).toEqual({ level: 'ROUTINE', reasons: [], unanswered: [] });
    for (const sign of SIGNS) {
      for (const value of [undefined, null]) {
        expect(triage({ symptoms: { ...NO_SIGN, [sign]: value } })).toEqual({
          level: 'INCOMPLETE',
          reasons: [],
          unanswered: [sign],
        });
      }
    }
    expect(triage({})).toMatchObject({ level: 'INCOMPLETE', unanswered: [...SIGNS] });
  });

  it('is never lowered by a score', () => {
    fc.assert(
      fc.property(presentation, scores, scores, (base, some, more) => {
        const onlyInMore = Object.entries(more).filter(
          ([name, value]) => value !== undefined && some[name as keyof Presentation] === undefined,
        );
        const both = { ...some, ...Object.fromEntries(onlyInMore) };
        const rankWithSome = getRank(triage({ ...base, ...some }).level);
        expect(rankWithSome).toBeGreaterThanOrEqual(getRank(triage(base).level));
        expect(getRank(triage({ ...base, ...both }).level)).toBeGreaterThanOrEqual(rankWithSome);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the reasons', () => {
  const EMERGENCIES: [reasons: string[], presentation: Presentation][] = [
    [['SIGN_BALANCE'], { symptoms: { balance: true } }],
    [['SIGN_SUDDEN_SEVERE_HEADACHE'], { symptoms: { suddenSevereHeadache: true, seizure: false } }],
    [['SIGN_SEIZURE', 'SIGN_REDUCED_CONSCIOUSNESS'], { symptoms: { reducedConsciousness: true, seizure: true } }],
    [['CPSS_FINDING'], { cpss: { facialDroop: 1 } }],
    [['CPSS_FINDING'], { cpss: { armDrift: 1 } }],
    [['CPSS_BOTH_ARMS_IMMOBILE'], { cpss: { armDrift: 1, bothArmsImmobile: true } }],
    [['CPSS_BOTH_ARMS_IMMOBILE', 'CPSS_FINDING'], { cpss: { facialDroop: 1, bothArmsImmobile: true } }],
    [['LAMS_FINDING'], { lams: { gripStrength: 1 } }],
    [['RACE_FINDING'], { race: { gaze: 0, arm: 1 } }],
    [['NIHSS_FINDING'], { nihss: { item9: 1 } }],
    [['ABCD2_WEAKNESS'], { abcd2: { clinical: 'WEAKNESS' } }],
    [['ABCD2_SPEECH'], { abcd2: { clinical: 'SPEECH' } }],
    [['DEFICIT_NOT_RESOLVED'], { symptomsResolved: false }],
    [['SIGN_FACE', 'VERY_LOW_GLUCOSE_WITH_SYMPTOMS'], { glucose: 53, symptoms: { face: true } }],
    [['DEFICIT_NOT_RESOLVED', 'VERY_LOW_GLUCOSE_WITH_SYMPTOMS'], { glucose: 53, symptomsResolved: false }],
    [['VERY_LOW_GLUCOSE_WITH_SYMPTOMS'], { glucose: 53, symptomsResolved: true }],
    [['VERY_LOW_GLUCOSE_WITH_SYMPTOMS'], { glucose: 53, abcd2: { clinical: 'OTHER' } }],
    [['VERY_LOW_GLUCOSE_WITH_SYMPTOMS'], { glucose: 53, wakeUp: true }],
    [['VERY_LOW_GLUCOSE_WITH_SYMPTOMS'], { glucose: 53, recognisedAt: '2026-11-23T08:00:00Z' }],
    [['VERY_LOW_GLUCOSE_WITH_SYMPTOMS'], { glucose: 53, lastKnownWell: '2026-11-23T08:00:00Z' }],
  ];

  it.each(EMERGENCIES)('are %j', (reasons, presentation) => {
    expect(triage(presentation)).toMatchObject({ level: 'CALL_EMERGENCY', reasons });
  });

  it.each<[reasons: string[], presentation: Presentation]>([
    [['TRANSIENT_ATTACK_SUSPECTED'], { abcd2: { clinical: 'OTHER' } }],
    [['SYMPTOMS_WENT_AWAY'], { symptomsResolved: true }],
    [['TRANSIENT_ATTACK_SUSPECTED', 'SYMPTOMS_WENT_AWAY'], { abcd2: {}, symptomsResolved: true }],
  ])('of an urgent level are %j', (reasons, presentation) => {
    expect(triage(presentation)).toEqual({ level: 'URGENT', reasons, unanswered: SIGNS });
  });

  it('are none for what is normal or was not answered', () => {
    const nothing: Presentation = {
      ...{
        symptoms: NO_SIGN,
        glucose: 53,
        symptomsResolved: null,
        wakeUp: false,
        recognisedAt: null,
        lastKnownWell: null,
      },
      ...{ cpss: { facialDroop: 0, armDrift: 0 }, lams: {}, race: { gaze: 0 }, nihss: { item9: 0, item4: null } },
    };
    expect(triage(nothing)).toEqual({ level: 'ROUTINE', reasons: [], unanswered: [] });
    expect(triage({ ...nothing, wakeUp: null, recognisedAt: '', lastKnownWell: '' }).level).toBe('ROUTINE');
    expect(triage({ glucose: 53 })).toMatchObject({ level: 'INCOMPLETE', reasons: [] });
  });

  it('of other fields are added once, behind those of the rules', () => {
    expect(triage({}, ['TEXT'])).toEqual({ level: 'CALL_EMERGENCY', reasons: ['TEXT'], unanswered: SIGNS });
    const face = { symptoms: { ...NO_SIGN, face: true } };
    expect(triage(face, ['TEXT', 'SIGN_FACE', 'TEXT'])).toEqual({
      ...{ level: 'CALL_EMERGENCY', reasons: ['SIGN_FACE', 'TEXT'], unanswered: [] },
    });
  });
});

describe('the levels and signs', () => {
  it('are these, the levels from the least to the most urgent', () => {
    expect(LEVELS).toEqual(['ROUTINE', 'INCOMPLETE', 'URGENT', 'CALL_EMERGENCY']);
    expect(SIGNS).toEqual([...BE_FAST_SIGNS, 'suddenSevereHeadache', 'seizure', 'reducedConsciousness']);
  });
});

describe('a low glucose', () => {
  it('never lowers a level', () => {
    fc.assert(
      fc.property(presentation, fc.integer({ min: 20, max: 69 }), (base, glucose) => {
        const before = triage({ ...base, glucose: 100 }).level;
        expect(getRank(triage({ ...base, glucose }).level)).toBeGreaterThanOrEqual(getRank(before));
      }),
    );
  });

  it('is the second piece of advice, for every level and language', () => {
    const number = { number: '123', from: 'CLINIC' as const, country: null };
    for (const language of LANGUAGES) {
      for (const level of LEVELS) {
        const plain = adviceTexts(level, language, number);
        const [first, second, ...others] = adviceTexts(level, language, number, { lowGlucose: true });
        expect([first, ...others]).toEqual(plain);
        expect(second).toMatch(/blood sugar is low|سكر الدم منخفض|शुगर\) कम है/);
      }
    }
  });
});

describe('the texts', () => {
  const UNKNOWN = { number: null, from: null, country: null };

  it('begin with the call, in every language, with the number that is known and no other', () => {
    for (const language of LANGUAGES) {
      const clinic = { number: '123', from: 'CLINIC' as const, country: null };
      expect(adviceTexts('CALL_EMERGENCY', language, clinic)[0]).toContain('123');
      expect(strokeCallText(language, { number: '112', from: 'LOCALE', country: 'IN' })).toContain('IN: 112');
      expect(strokeCallText(language, UNKNOWN)).not.toMatch(/\d/);
      expect(disclaimerText(language).length).toBeGreaterThan(20);
    }
    expect(strokeCallText('en', UNKNOWN)).toContain('your local emergency number');
  });

  it('are written in the script of their language', () => {
    for (const level of LEVELS) {
      for (const text of adviceTexts(level, 'ar', UNKNOWN)) expect(text).toMatch(/\p{Script=Arabic}/u);
      for (const text of adviceTexts(level, 'hi', UNKNOWN)) expect(text).toMatch(/\p{Script=Devanagari}/u);
    }
  });

  it('mention neither a booking nor a dose', () => {
    for (const level of LEVELS) {
      for (const language of LANGUAGES) {
        for (const text of adviceTexts(level, language, UNKNOWN))
          expect(text).not.toMatch(/appointment|booking|mg|alteplase/i);
      }
    }
  });
});
