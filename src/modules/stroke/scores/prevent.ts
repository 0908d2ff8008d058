import type { BiologicalSex } from './cha2ds2.js';
import {
  item,
  listMissing,
  rounded,
  within,
  type Answer,
  type ScoreResult,
  type Instrument,
  type Range,
} from './score-result.js';
import {
  PREVENT_10Y,
  PREVENT_30Y,
  PREVENT_TERMS,
  type PreventEquation,
  type PreventTerm,
} from './prevent-coefficients.js';

/** The population of the equations: years, mg/dL, mm Hg, mL/min/1.73 m2, kg/m2. */
export const PREVENT_RANGES = {
  age: [30, 79],
  totalCholesterolMgDl: [130, 320],
  hdlMgDl: [20, 100],
  systolic: [90, 180],
  egfr: [15, 140],
  bmi: [18.5, 39.9],
} as const satisfies Record<string, Range>;

const OLDEST_FOR_30_YEARS = 59;

export interface PreventInput {
  sex?: Answer<BiologicalSex>;
  age?: Answer<number>;
  totalCholesterolMgDl?: Answer<number>;
  hdlMgDl?: Answer<number>;
  systolic?: Answer<number>;
  diabetes?: Answer<boolean>;
  smoker?: Answer<boolean>;
  /** Takes medicine against high blood pressure. */
  bpTreated?: Answer<boolean>;
  statin?: Answer<boolean>;
  egfr?: Answer<number>;
  /** Required only for the risk of heart failure. */
  bmi?: Answer<number>;
}

const REQUIRED = [
  'sex',
  'age',
  'totalCholesterolMgDl',
  'hdlMgDl',
  'systolic',
  'diabetes',
  'smoker',
  'bpTreated',
  'statin',
  'egfr',
] as const;

const PREVENT_OUTCOMES = ['TOTAL_CVD', 'ASCVD', 'HEART_FAILURE', 'CHD', 'STROKE'] as const;
export type PreventOutcome = (typeof PREVENT_OUTCOMES)[number];

export interface OutcomeRisk {
  outcome: PreventOutcome;
  /** A probability, 0 to 1. */
  risk: number | null;
  missing: string[];
}

export interface PreventDetails {
  horizonYears: 10 | 30;
  /** The risk of each outcome. The score is the risk of all cardiovascular disease. */
  outcomes: OutcomeRisk[];
}

const INSTRUMENT: Omit<Instrument, 'instrument'> = {
  version: '2024-base',
  max: 1,
  unit: 'PROBABILITY',
  source:
    'Khan SS et al., Circulation 2024;149:430-449, doi 10.1161/CIRCULATIONAHA.123.067626 ' +
    '(and its erratum, doi 10.1161/CIR.0000000000001230); coefficients: preventr v0.12.0',
};

/** AHA PREVENT, base equations, risk within 10 years; age 30-79. */
export const prevent10 = (input: PreventInput): ScoreResult<PreventDetails> =>
  computeResult('PREVENT_10Y', 10, PREVENT_10Y, input, null);

/** AHA PREVENT, risk within 30 years; age 30-59. */
export const prevent30 = (input: PreventInput): ScoreResult<PreventDetails> =>
  computeResult('PREVENT_30Y', 30, PREVENT_30Y, input, tooOld(input) ? 'age is outside of 30 to 59' : null);

const tooOld = ({ age }: PreventInput): boolean => (age ?? 0) > OLDEST_FOR_30_YEARS;

function computeResult(
  instrument: string,
  horizonYears: 10 | 30,
  table: Readonly<Record<PreventEquation, readonly number[]>>,
  input: PreventInput,
  notComputed: string | null,
): ScoreResult<PreventDetails> {
  assertRanges(input);
  const items = [...REQUIRED, 'bmi' as const].map((name) => item(name, input[name], () => null));
  const missing = listMissing(items).filter((name) => name !== 'bmi');
  const outcomes = PREVENT_OUTCOMES.map((outcome) => {
    const lacking = outcome === 'HEART_FAILURE' ? listMissing(items) : missing;
    const isKnown = lacking.length === 0 && notComputed === null;
    return { outcome, risk: isKnown ? computeRisk(input as Complete, outcome, table) : null, missing: lacking };
  });
  return {
    instrument,
    ...INSTRUMENT,
    score: outcomes[0]?.risk ?? null,
    complete: missing.length === 0,
    missing,
    notComputed,
    interpretation: null,
    items,
    details: { horizonYears, outcomes },
  };
}

function assertRanges(input: PreventInput): void {
  for (const name of Object.keys(PREVENT_RANGES) as (keyof typeof PREVENT_RANGES)[]) {
    const value = input[name];
    if (value !== null && value !== undefined) within(name, value, PREVENT_RANGES[name]);
  }
}

type Complete = { [Name in (typeof REQUIRED)[number]]: NonNullable<PreventInput[Name]> } & Pick<PreventInput, 'bmi'>;

function computeRisk(
  input: Complete,
  outcome: PreventOutcome,
  table: Readonly<Record<PreventEquation, readonly number[]>>,
): number {
  const row = table[`${input.sex}_${outcome}`];
  const values = transformed(input);
  const sum = PREVENT_TERMS.reduce((total, term, index) => total + (row[index] ?? 0) * values[term], 0);
  return rounded(1 / (1 + Math.exp(-sum)), 5);
}

/** AHA's constant from mg/dL to mmol/L, not 1/38.67. */
const MMOL_PER_MG_DL = 0.02586;

/** The transforms of Khan 2024: centred and scaled, in pieces at 110 mm Hg, 60 mL/min and 30 kg/m2. */
function transformed(input: Complete): Record<PreventTerm, number> {
  const age10 = (input.age - 55) / 10;
  const nonHdl = MMOL_PER_MG_DL * (input.totalCholesterolMgDl - input.hdlMgDl) - 3.5;
  const hdl = (MMOL_PER_MG_DL * input.hdlMgDl - 1.3) / 0.3;
  const sbpGe110 = (Math.max(input.systolic, 110) - 130) / 20;
  const egfrLt60 = (Math.min(input.egfr, 60) - 60) / -15;
  // Only the risk of heart failure has coefficients for the body mass index, and requires it.
  const bmi = input.bmi ?? 25;
  const bmiGe30 = (Math.max(bmi, 30) - 30) / 5;
  const [diabetes, smoker, bpTreated, statin] = [input.diabetes, input.smoker, input.bpTreated, input.statin].map(
    Number,
  ) as [number, number, number, number];
  return {
    age10,
    age10Squared: age10 ** 2,
    nonHdl,
    hdl,
    sbpLt110: (Math.min(input.systolic, 110) - 110) / 20,
    sbpGe110,
    diabetes,
    smoker,
    bmiLt30: (Math.min(bmi, 30) - 25) / 5,
    bmiGe30,
    egfrLt60,
    egfrGe60: (Math.max(input.egfr, 60) - 90) / -15,
    bpTreated,
    statin,
    bpTreatedXSbpGe110: bpTreated * sbpGe110,
    statinXNonHdl: statin * nonHdl,
    ageXNonHdl: age10 * nonHdl,
    ageXHdl: age10 * hdl,
    ageXSbpGe110: age10 * sbpGe110,
    ageXDiabetes: age10 * diabetes,
    ageXSmoker: age10 * smoker,
    ageXBmiGe30: age10 * bmiGe30,
    ageXEgfrLt60: age10 * egfrLt60,
    constant: 1,
  };
}
