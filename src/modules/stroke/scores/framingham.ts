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

export const FRAMINGHAM_RANGES = {
  age: [30, 74],
  totalCholesterolMgDl: [50, 600],
  hdlMgDl: [10, 200],
  systolic: [60, 260],
  bmi: [10, 80],
} as const satisfies Record<string, Range>;

export interface FraminghamInput {
  sex?: Answer<BiologicalSex>;
  /** 30 to 74. */
  age?: Answer<number>;
  totalCholesterolMgDl?: Answer<number>;
  hdlMgDl?: Answer<number>;
  /** mm Hg */
  systolic?: Answer<number>;
  bpTreated?: Answer<boolean>;
  smoker?: Answer<boolean>;
  diabetes?: Answer<boolean>;
  /** kg/m2; replaces the lipids if they are unknown. */
  bmi?: Answer<number>;
}

const FRAMINGHAM: Instrument = {
  instrument: 'FRAMINGHAM_2008_CVD_10Y',
  version: '2008',
  max: 1,
  unit: 'PROBABILITY',
  source: "D'Agostino RB et al., Circulation 2008;117:743-753, doi 10.1161/CIRCULATIONAHA.107.699579",
};

export const FRAMINGHAM_COEFFICIENTS = {
  MALE: {
    lnAge: 3.06117,
    lnTC: 1.1237,
    lnHDL: -0.93263,
    lnSBPuntreated: 1.93303,
    lnSBPtreated: 1.99881,
    smoker: 0.65451,
    diabetes: 0.57367,
    mean: 23.9802,
    s0: 0.88936,
  },
  FEMALE: {
    lnAge: 2.32888,
    lnTC: 1.20904,
    lnHDL: -0.70833,
    lnSBPuntreated: 2.76157,
    lnSBPtreated: 2.82263,
    smoker: 0.52873,
    diabetes: 0.69154,
    mean: 26.1931,
    s0: 0.95012,
  },
} as const;

/**
 * The office model, with the body mass index instead of the lipids. Checked against two independent transcriptions (one of
 * them swaps the coefficients of treated and untreated pressure for women) and the published test of CVrisk (man, 55, BMI 30,
 * 140 mm Hg: 16.75 %).
 */
const FRAMINGHAM_OFFICE_COEFFICIENTS = {
  MALE: {
    lnAge: 3.11296,
    lnBMI: 0.79277,
    lnSBPuntreated: 1.85508,
    lnSBPtreated: 1.92672,
    smoker: 0.70953,
    diabetes: 0.5316,
    mean: 23.9388,
    s0: 0.88431,
  },
  FEMALE: {
    lnAge: 2.72107,
    lnBMI: 0.51125,
    lnSBPuntreated: 2.81291,
    lnSBPtreated: 2.88267,
    smoker: 0.61868,
    diabetes: 0.77763,
    mean: 26.0145,
    s0: 0.94833,
  },
} as const;

const COMMON = ['sex', 'age', 'systolic', 'bpTreated', 'smoker', 'diabetes'] as const;
const LIPIDS = ['totalCholesterolMgDl', 'hdlMgDl'] as const;

export interface FraminghamDetails {
  riskPct: number | null;
  /** BMI: the office model, for unknown lipids. */
  model: 'LIPIDS' | 'BMI';
  /** Superseded by PREVENT; computed only on request. */
  superseded: true;
}

/**
 * Framingham 2008, general cardiovascular disease within 10 years: 1 - S0 ^ exp(sum(b * ln x) - mean). Age 30-74.
 * Without both lipids, the office model is used if the body mass index is known. Superseded.
 * Source: D'Agostino et al., Circulation 2008, doi 10.1161/CIRCULATIONAHA.107.699579.
 */
export function framingham(input: FraminghamInput): ScoreResult<FraminghamDetails> {
  for (const name of Object.keys(FRAMINGHAM_RANGES) as (keyof typeof FRAMINGHAM_RANGES)[]) {
    const value = input[name];
    if (typeof value === 'number') within(name, value, FRAMINGHAM_RANGES[name]);
  }
  const model = LIPIDS.every((name) => isKnown(input[name])) || !isKnown(input.bmi) ? 'LIPIDS' : 'BMI';
  const names = [...COMMON, ...(model === 'LIPIDS' ? LIPIDS : []), 'bmi'] as const;
  const items = names.map((name) => item(name, input[name], () => null));
  const missing = listMissing(items).filter((name) => name !== 'bmi');
  const risk =
    missing.length > 0 ? null : model === 'LIPIDS' ? lipidRisk(input as Complete) : officeRisk(input as Complete);
  return {
    ...FRAMINGHAM,
    score: risk === null ? null : rounded(risk, 5),
    complete: missing.length === 0,
    missing,
    notComputed: null,
    interpretation: null,
    items,
    details: { riskPct: risk === null ? null : rounded(risk * 100, 2), model, superseded: true },
  };
}

const isKnown = (value: Answer<number>): value is number => typeof value === 'number';

type Complete = { [Name in keyof FraminghamInput]-?: NonNullable<FraminghamInput[Name]> };

function lipidRisk(input: Complete): number {
  const b = FRAMINGHAM_COEFFICIENTS[input.sex];
  const lipids = b.lnTC * Math.log(input.totalCholesterolMgDl) + b.lnHDL * Math.log(input.hdlMgDl);
  return computeRisk(input, b, lipids);
}

function officeRisk(input: Complete): number {
  const b = FRAMINGHAM_OFFICE_COEFFICIENTS[input.sex];
  return computeRisk(input, b, b.lnBMI * Math.log(input.bmi));
}

type Coefficients = Record<'lnAge' | 'lnSBPtreated' | 'lnSBPuntreated' | 'smoker' | 'diabetes' | 'mean' | 's0', number>;

function computeRisk(input: Complete, b: Coefficients, bodyTerm: number): number {
  const sum =
    b.lnAge * Math.log(input.age) +
    bodyTerm +
    (input.bpTreated ? b.lnSBPtreated : b.lnSBPuntreated) * Math.log(input.systolic) +
    (input.smoker ? b.smoker : 0) +
    (input.diabetes ? b.diabetes : 0);
  return 1 - b.s0 ** Math.exp(sum - b.mean);
}
