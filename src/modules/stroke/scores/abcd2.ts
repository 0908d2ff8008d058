import {
  item,
  pointsResult,
  toTotal,
  within,
  yes,
  type Answer,
  type ScoreResult,
  type Instrument,
  type Item,
  type Range,
} from './score-result.js';

export const CLINICAL_FEATURES = ['WEAKNESS', 'SPEECH', 'OTHER'] as const;
export type ClinicalFeature = (typeof CLINICAL_FEATURES)[number];

/** The measurable ranges: years, mm Hg, minutes. */
export const ABCD2_RANGES = {
  age: [0, 120],
  systolic: [40, 300],
  diastolic: [20, 200],
  durationMinutes: [0, 525_600],
} as const satisfies Record<string, Range>;

export interface Abcd2Input {
  age?: Answer<number>;
  /** mm Hg */
  systolic?: Answer<number>;
  /** mm Hg */
  diastolic?: Answer<number>;
  /** Weakness of one side, otherwise a speech disturbance, otherwise other. */
  clinical?: Answer<ClinicalFeature>;
  durationMinutes?: Answer<number>;
  diabetes?: Answer<boolean>;
}

const ABCD2: Instrument = {
  instrument: 'ABCD2',
  version: '1.0.0',
  max: 7,
  unit: 'POINTS',
  source: 'Johnston SC et al., Lancet 2007;369:283-292, doi 10.1016/S0140-6736(07)60150-0',
};

export interface Abcd2Details {
  /** Risk of a stroke within 2, 7 and 90 days, in percent. */
  risk2d: number | null;
  risk7d: number | null;
  risk90d: number | null;
  /** A low score does not make the assessment less urgent. */
  urgentWhateverTheScore: true;
}

const CLINICAL_POINTS = { WEAKNESS: 2, SPEECH: 1, OTHER: 0 } as const;
const RISKS = {
  LOW: { risk2d: 1.0, risk7d: 1.2, risk90d: 3.1 },
  MODERATE: { risk2d: 4.1, risk7d: 5.9, risk90d: 9.8 },
  HIGH: { risk2d: 8.1, risk7d: 11.7, risk90d: 17.8 },
} as const;
const UNKNOWN_RISK = { risk2d: null, risk7d: null, risk90d: null };

/**
 * ABCD2 after a transient ischaemic attack: age >=60 1; systolic >=140 or diastolic >=90 1; weakness 2, else speech 1;
 * >=60 minutes 2, 10-59 1; diabetes 1. 0-3 low, 4-5 moderate, 6-7 high.
 * Source: Johnston et al., Lancet 2007, doi 10.1016/S0140-6736(07)60150-0.
 */
export function abcd2(input: Abcd2Input): ScoreResult<Abcd2Details> {
  const items = [
    measured('age', input.age, (age) => (age >= 60 ? 1 : 0)),
    measured('systolic', input.systolic, (systolic) => (systolic >= 140 ? 1 : 0)),
    // One point if either of the two pressures is high.
    measured('diastolic', input.diastolic, (diastolic) => (diastolic >= 90 && (input.systolic ?? 0) < 140 ? 1 : 0)),
    item('clinical', input.clinical, (feature) => CLINICAL_POINTS[feature]),
    measured('durationMinutes', input.durationMinutes, (minutes) => (minutes >= 60 ? 2 : minutes >= 10 ? 1 : 0)),
    yes('diabetes', input.diabetes, 1),
  ];
  const score = toTotal(items);
  const risk = score === null ? null : score <= 3 ? 'LOW' : score <= 5 ? 'MODERATE' : 'HIGH';
  return pointsResult(ABCD2, items, risk, { ...(risk ? RISKS[risk] : UNKNOWN_RISK), urgentWhateverTheScore: true });
}

const measured = (name: keyof typeof ABCD2_RANGES, value: Answer<number>, points: (value: number) => number): Item =>
  item(name, value, (given) => points(within(name, given, ABCD2_RANGES[name])));
