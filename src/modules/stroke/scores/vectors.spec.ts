import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { abcd2 } from './abcd2.js';
import { beFast } from './be-fast.js';
import { cha2ds2Va, cha2ds2Vasc } from './cha2ds2.js';
import { cpss } from './cpss.js';
import { framingham, FRAMINGHAM_COEFFICIENTS } from './framingham.js';
import { lams } from './lams.js';
import { mrs } from './mrs.js';
import { nihss } from './nihss.js';
import { PREVENT_10Y, PREVENT_30Y, PREVENT_TERMS } from './prevent-coefficients.js';
import { prevent10, prevent30 } from './prevent.js';
import { race } from './race.js';
import { timeWindows } from '../time-windows.js';

interface Vector {
  score: string;
  id: string;
  input: Record<string, any>;
  expected: Record<string, any>;
}

// Worked cases with their sources: published ones, and ones that follow from a rule.
const file = JSON.parse(readFileSync('test/fixtures/clinical-vectors.json', 'utf8'));
const vectors = file.vectors as Vector[];

/** The vectors' words as the API's enums: 'extended-imaging-only' is EXTENDED_IMAGING_ONLY, '0-6h' is 0_6H. */
const code = (word: string): string => word.toUpperCase().replace(/[^A-Z0-9]/g, '_');
const isYes = (value: unknown): boolean | undefined => (value === undefined ? undefined : Boolean(value));
const yesNo = (input: Record<string, any>, names: string[]): Record<string, any> =>
  Object.fromEntries(Object.entries(input).map(([key, value]) => [key, names.includes(key) ? isYes(value) : value]));
const withSexCode = (input: Record<string, any>): any => ({ ...input, ...(input.sex && { sex: code(input.sex) }) });
const RISK_FACTORS = ['diabetes', 'smoker', 'bpTreated', 'statin'];

/** The CHA2DS2 vectors contain only the factors that are present. Our input needs the others as false: an absent one is missing. */
const cha2ds2Input = ({ age, sex, chf, htn, dm, stroke, vasc }: Record<string, any>): any => ({
  age,
  ...(sex && { sex: code(sex) }),
  heartFailure: Boolean(chf),
  hypertension: Boolean(htn),
  diabetes: Boolean(dm),
  strokeOrTia: Boolean(stroke),
  vascularDisease: Boolean(vasc),
});

const toRisks = (outcomes: { outcome: string; risk: number | null }[]): Record<string, number | null> =>
  Object.fromEntries(outcomes.map(({ outcome, risk }) => [outcome.toLowerCase(), risk]));

function assertRisks(risks: Record<string, number | null>, expected: Record<string, number>): void {
  for (const [outcome, risk] of Object.entries(expected)) {
    // Published figures have the digits that were printed.
    const digits = (String(risk).split('.')[1] ?? '').length;
    expect({ outcome, risk: Number(risks[outcome]?.toFixed(risk < 1e-3 ? 5 : digits)) }).toEqual({ outcome, risk });
  }
}

const CHECKS: Record<string, (vector: Vector) => void> = {
  NIHSS: ({ input, expected }) => {
    const items: any = Object.fromEntries(Object.entries(input).map(([name, value]) => [`item${name}`, value]));
    if (expected.error && Object.keys(input).length === 15) return void expect(() => nihss(items)).toThrow(RangeError);
    const result = nihss(items);
    // "Reject or return incomplete": incomplete, with the item named, and never with a zero in its place.
    if (expected.error) return void expect(result).toMatchObject({ score: null, complete: false, missing: ['item11'] });
    expect(result).toMatchObject({
      score: expected.total,
      interpretation: code(expected.severity),
      complete: !expected.incomplete,
    });
  },
  ABCD2: ({ input, expected: { total, risk, ...risks } }) =>
    expect(abcd2({ ...input, clinical: code(input.clinical) as 'OTHER' })).toMatchObject({
      score: total,
      interpretation: code(risk),
      details: risks,
    }),
  'CHA2DS2-VASc': ({ input, expected }) => {
    expect(cha2ds2Vasc(cha2ds2Input(input)).score).toBe(expected.total);
    expect(cha2ds2Va(cha2ds2Input(input)).score).toBe(expected.cha2ds2va);
  },
  'CHA2DS2-VA': ({ input, expected }) =>
    expect(cha2ds2Va(cha2ds2Input(input))).toMatchObject({
      score: expected.total,
      interpretation: code(expected.anticoagulation),
    }),
  LAMS: ({ input, expected }) =>
    expect(lams(input)).toMatchObject({ score: expected.total, details: { lvoLikely: expected.lvoLikely } }),
  RACE: ({ input, expected: { total, ...details } }) =>
    expect(race({ ...input, hemiparesis: code(input.hemiparesis) as 'LEFT' })).toMatchObject({ score: total, details }),
  CPSS: ({ input, expected }) =>
    expect(cpss(input)).toMatchObject({
      score: expected.total,
      details: { positive: expected.positive, probabilityPct: expected.probabilityPct },
    }),
  'BE-FAST': ({ input: { resolved: _, ...signs }, expected }) =>
    expect(beFast(yesNo(signs, Object.keys(signs))).details).toEqual(expected),
  mRS: ({ input, expected }) => {
    if (expected.error) return void expect(() => mrs(input)).toThrow(RangeError);
    expect(mrs(input)).toMatchObject({
      score: expected.points,
      details: { label: expected.label, goodOutcome: expected.goodOutcome },
    });
  },
  'PREVENT-10y-base': ({ input, expected }) => {
    const facts = withSexCode(yesNo(input, RISK_FACTORS));
    if (expected.error) return void expect(() => prevent10(facts)).toThrow(RangeError);
    assertRisks(toRisks(prevent10(facts).details.outcomes), expected);
  },
  'PREVENT-30y-base': ({ input, expected }) => {
    const result = prevent30(withSexCode(yesNo(input, RISK_FACTORS)));
    if (expected.error) {
      return void expect(result).toMatchObject({ score: null, notComputed: 'age is outside of 30 to 59' });
    }
    assertRisks(toRisks(result.details.outcomes), expected);
  },
  'Framingham-2008-CVD-10y': ({ input, expected }) =>
    assertRisks({ riskPct: framingham(withSexCode(yesNo(input, RISK_FACTORS))).details.riskPct }, expected),
  'time-window': ({ input, expected }) => {
    const windows = () => timeWindows({ sinceLastKnownWell: input.minutesSinceLastKnownWell });
    if (expected.error) return void expect(windows).toThrow(RangeError);
    expect(windows()).toMatchObject({
      isDecision: expected.isDecision,
      emergencyAdvice: expected.emergencyAdvice,
      ivtWindow: code(expected.ivtWindow),
      evtWindow: code(expected.evtWindow),
    });
  },
};

describe('the worked cases', () => {
  it.each(vectors.map((vector) => [vector.id, vector] as const))('%s', (_, vector) => {
    const check = CHECKS[vector.score];
    if (!check) throw new Error(`no check for ${vector.score}`);
    check(vector);
  });

  it('are 70, and each check has at least one', () => {
    expect(vectors.length).toBe(70);
    expect(new Set(vectors.map(({ score }) => score)).size).toBe(Object.keys(CHECKS).length);
  });
});

describe('the coefficients', () => {
  it.each([
    ['base10y', PREVENT_10Y],
    ['base30y', PREVENT_30Y],
  ] as const)('of PREVENT %s are those of the source', (name, table) => {
    const expected = Object.entries(file.prevent[name] as Record<string, Record<string, number>>).map(
      ([key, terms]) => [key.toUpperCase(), PREVENT_TERMS.map((term) => terms[term] ?? 0)],
    );
    expect(table).toEqual(Object.fromEntries(expected));
  });

  it('of the office model of Framingham give the published figure of CVrisk', () => {
    const man = {
      sex: 'MALE',
      age: 55,
      bmi: 30,
      systolic: 140,
      bpTreated: false,
      smoker: false,
      diabetes: false,
    } as const;
    expect(framingham(man).details).toEqual({ riskPct: 16.75, model: 'BMI', superseded: true });
  });

  it('of Framingham are those of the source', () => {
    expect(FRAMINGHAM_COEFFICIENTS).toEqual({ MALE: file.framingham2008.M, FEMALE: file.framingham2008.F });
  });
});
