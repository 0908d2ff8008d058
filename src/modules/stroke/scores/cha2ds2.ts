import {
  item,
  integerWithin,
  pointsResult,
  toTotal,
  yes,
  type Answer,
  type ScoreResult,
  type Instrument,
  type Item,
  type Range,
} from './score-result.js';

export const BIOLOGICAL_SEXES = ['FEMALE', 'MALE'] as const;
export type BiologicalSex = (typeof BIOLOGICAL_SEXES)[number];
export const CHA2DS2_AGE: Range = [0, 120];

export interface Cha2ds2Input {
  age?: Answer<number>;
  /** Only CHA2DS2-VASc counts it. */
  sex?: Answer<BiologicalSex>;
  heartFailure?: Answer<boolean>;
  hypertension?: Answer<boolean>;
  diabetes?: Answer<boolean>;
  /** A stroke, a transient ischaemic attack or a thromboembolism in the past. */
  strokeOrTia?: Answer<boolean>;
  vascularDisease?: Answer<boolean>;
}

const CHA2DS2_VASC: Instrument = {
  instrument: 'CHA2DS2_VASC',
  version: '1.0.0',
  max: 9,
  unit: 'POINTS',
  source: 'Lip GYH et al., Chest 2010;137:263-272, doi 10.1378/chest.09-1584; thresholds: ccm.health.qld.gov.au',
};

const CHA2DS2_VA: Instrument = {
  instrument: 'CHA2DS2_VA',
  version: 'ESC-2024',
  max: 8,
  unit: 'POINTS',
  source:
    'Van Gelder IC et al., 2024 ESC guidelines, Eur Heart J 2024, doi 10.1093/eurheartj/ehae176; ' +
    'annual risk: Teppo K et al., FinACAF, Lancet Reg Health Eur 2024, PMC11337097',
};

export type Anticoagulation = 'RECOMMENDED' | 'CONSIDER' | 'NONE';

/** Strokes per year in percent at 0 to 8 points (FinACAF). The measured rate falls from 6 to 7. */
const ANNUAL_RISK_PCT = [0.5, 1.5, 2.9, 5.1, 7.3, 11.2, 15.5, 14.7, 19.5] as const;

/**
 * CHA2DS2-VASc, for people with atrial fibrillation: heart failure 1, hypertension 1, >=75 years 2 or 65-74 1, diabetes 1,
 * stroke, TIA or thromboembolism 2, vascular disease 1, female 1. Anticoagulation is recommended from 2 (men) or 3
 * (women) and considered one point below. Source: Lip et al., Chest 2010, doi 10.1378/chest.09-1584; thresholds:
 * Queensland Health (ccm.health.qld.gov.au).
 */
export function cha2ds2Vasc(input: Cha2ds2Input): ScoreResult<{ anticoagulation: Anticoagulation | null }> {
  const items = [...commonItems(input), item('sex', input.sex, (sex) => (sex === 'FEMALE' ? 1 : 0))];
  const score = toTotal(items);
  const anticoagulation = score === null ? null : getClass(input.sex === 'FEMALE' ? score - 1 : score);
  return pointsResult(CHA2DS2_VASC, items, anticoagulation, { anticoagulation });
}

/**
 * CHA2DS2-VA: the same without the sex. Anticoagulation recommended from 2, considered at 1.
 * Source: 2024 ESC guidelines, doi 10.1093/eurheartj/ehae176; yearly risks: Teppo et al. 2024 (FinACAF), PMC11337097.
 */
export function cha2ds2Va(
  input: Cha2ds2Input,
): ScoreResult<{ anticoagulation: Anticoagulation | null; annualRiskPct: number | null }> {
  const items = commonItems(input);
  const score = toTotal(items);
  const anticoagulation = score === null ? null : getClass(score);
  const annualRiskPct = score === null ? null : (ANNUAL_RISK_PCT[score] ?? null);
  return pointsResult(CHA2DS2_VA, items, anticoagulation, { anticoagulation, annualRiskPct });
}

const getClass = (score: number): Anticoagulation => (score >= 2 ? 'RECOMMENDED' : score === 1 ? 'CONSIDER' : 'NONE');

const commonItems = (input: Cha2ds2Input): Item[] => [
  item('age', input.age, (age) => agePoints(integerWithin('age', age, CHA2DS2_AGE))),
  yes('heartFailure', input.heartFailure, 1),
  yes('hypertension', input.hypertension, 1),
  yes('diabetes', input.diabetes, 1),
  yes('strokeOrTia', input.strokeOrTia, 2),
  yes('vascularDisease', input.vascularDisease, 1),
];

const agePoints = (age: number): number => (age >= 75 ? 2 : age >= 65 ? 1 : 0);
