import {
  pointsResult,
  sumPoints,
  toTotal,
  yes,
  type Answer,
  type ScoreResult,
  type Instrument,
} from './score-result.js';

export const BE_FAST_SIGNS = ['balance', 'eyes', 'face', 'arm', 'speech'] as const;
export type BeFastInput = { [Sign in (typeof BE_FAST_SIGNS)[number]]?: Answer<boolean> };

export const BE_FAST: Instrument = {
  instrument: 'BE_FAST',
  version: '1.0.0',
  max: BE_FAST_SIGNS.length,
  unit: 'POINTS',
  source: 'Aroor S et al., Stroke 2017;48:479-481, doi 10.1161/STROKEAHA.116.015169',
};

export type BeFastAdvice = 'CALL_EMERGENCY' | 'NO_BEFAST_SIGN_SEEK_CARE_IF_WORRIED';

export interface BeFastDetails {
  /** Null if there is no positive sign and not all signs were answered. */
  positive: boolean | null;
  advice: BeFastAdvice | null;
}

/**
 * Balance, Eyes, Face, Arm, Speech, and T for the time to call. Any sudden sign is positive, also if it went away. A negative result
 * requires all five answers.
 * Source: Aroor et al., Stroke 2017, doi 10.1161/STROKEAHA.116.015169.
 */
export function beFast(input: BeFastInput): ScoreResult<BeFastDetails> {
  const items = BE_FAST_SIGNS.map((sign) => yes(sign, input[sign], 1));
  const positive = sumPoints(items) > 0 ? true : toTotal(items) === null ? null : false;
  const advice = positive === null ? null : positive ? 'CALL_EMERGENCY' : 'NO_BEFAST_SIGN_SEEK_CARE_IF_WORRIED';
  return pointsResult(BE_FAST, items, positive === null ? null : positive ? 'POSITIVE' : 'NEGATIVE', {
    positive,
    advice,
  });
}
