import type { BiologicalSex } from './cha2ds2.js';
import { item, missingOf, rounded, within, type Answer, type Figure, type Instrument, type Range } from './figure.js';

export const FRAMINGHAM_RANGES = {
  age: [30, 74],
  totalCholesterolMgDl: [50, 600],
  hdlMgDl: [10, 200],
  systolic: [60, 260],
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
}

export const FRAMINGHAM: Instrument = {
  instrument: 'FRAMINGHAM_2008_CVD_10Y',
  version: '2008',
  max: 1,
  unit: 'PROBABILITY',
  source: "D'Agostino 2008; reference.medscape.com; CVrisk score_coef.R",
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

const NAMES = ['sex', 'age', 'totalCholesterolMgDl', 'hdlMgDl', 'systolic', 'bpTreated', 'smoker', 'diabetes'] as const;

export interface FraminghamDetails {
  riskPct: number | null;
  /** PREVENT has taken its place; it is given only where it was asked for. */
  superseded: true;
}

/**
 * Framingham 2008, general cardiovascular disease within 10 years: 1 - S0 ^ exp(sum(b * ln x) - mean). Age 30-74.
 * Superseded. Source: reference.medscape.com, CVrisk score_coef.R.
 */
export function framingham(input: FraminghamInput): Figure<FraminghamDetails> {
  const items = NAMES.map((name) => item(name, input[name], () => null));
  for (const name of ['age', 'totalCholesterolMgDl', 'hdlMgDl', 'systolic'] as const) {
    const value = input[name];
    if (typeof value === 'number') within(name, value, FRAMINGHAM_RANGES[name]);
  }
  const missing = missingOf(items);
  const risk = missing.length > 0 ? null : riskOf(input as Complete);
  return {
    ...FRAMINGHAM,
    score: risk === null ? null : rounded(risk, 5),
    complete: missing.length === 0,
    missing,
    notComputed: null,
    interpretation: null,
    items,
    details: { riskPct: risk === null ? null : rounded(risk * 100, 2), superseded: true },
  };
}

type Complete = { [Name in keyof FraminghamInput]-?: NonNullable<FraminghamInput[Name]> };

function riskOf(input: Complete): number {
  const b = FRAMINGHAM_COEFFICIENTS[input.sex];
  const sum =
    b.lnAge * Math.log(input.age) +
    b.lnTC * Math.log(input.totalCholesterolMgDl) +
    b.lnHDL * Math.log(input.hdlMgDl) +
    (input.bpTreated ? b.lnSBPtreated : b.lnSBPuntreated) * Math.log(input.systolic) +
    (input.smoker ? b.smoker : 0) +
    (input.diabetes ? b.diabetes : 0);
  return 1 - b.s0 ** Math.exp(sum - b.mean);
}
