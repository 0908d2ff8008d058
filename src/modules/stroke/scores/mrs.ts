import { pointsResult, scaleItems, toTotal, type Answer, type ScoreResult, type Instrument } from './score-result.js';

export const MRS_MAX = 6;

export interface MrsInput {
  grade?: Answer<number>;
}

const MRS: Instrument = {
  instrument: 'MRS',
  version: '1.0.0',
  max: MRS_MAX,
  unit: 'POINTS',
  source: 'van Swieten JC et al., Stroke 1988;19:604-607, doi 10.1161/01.STR.19.5.604',
};

const LABELS = [
  'No symptoms at all',
  'No significant disability despite symptoms',
  'Slight disability',
  'Moderate disability',
  'Moderately severe disability',
  'Severe disability',
  'Dead',
] as const;

export interface MrsDetails {
  label: string | null;
  /** 0 to 2. */
  goodOutcome: boolean | null;
}

/**
 * Modified Rankin Scale, 0 none to 6 dead, rated by a clinician.
 * Source: van Swieten et al., Stroke 1988, doi 10.1161/01.STR.19.5.604.
 */
export function mrs(input: MrsInput): ScoreResult<MrsDetails> {
  const items = scaleItems(input, { grade: MRS_MAX });
  const score = toTotal(items);
  const label = score === null ? null : (LABELS[score] ?? null);
  const goodOutcome = score === null ? null : score <= 2;
  return pointsResult(MRS, items, goodOutcome === null ? null : goodOutcome ? 'GOOD_OUTCOME' : 'POOR_OUTCOME', {
    label,
    goodOutcome,
  });
}
