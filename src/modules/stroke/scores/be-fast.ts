import { pointsFigure, sumOf, totalOf, yes, type Answer, type Figure, type Instrument } from './figure.js';

export const BE_FAST_SIGNS = ['balance', 'eyes', 'face', 'arm', 'speech'] as const;
export type BeFastInput = { [Sign in (typeof BE_FAST_SIGNS)[number]]?: Answer<boolean> };

export const BE_FAST: Instrument = {
  instrument: 'BE_FAST',
  version: '1.0.0',
  max: BE_FAST_SIGNS.length,
  unit: 'POINTS',
  source: 'eastsideneuroinstitute.org; stcharleshealthcare.org',
};

export interface BeFastDetails {
  /** Null while no sign is known and not all were asked for. */
  positive: boolean | null;
  advice: 'CALL_EMERGENCY' | 'NO_BEFAST_SIGN_SEEK_CARE_IF_WORRIED' | null;
}

/**
 * Balance, Eyes, Face, Arm, Speech: any one sudden sign is positive, also when it went away again, and T is the time to
 * call. One sign settles it; "no sign" needs all five to be answered.
 * Source: eastsideneuroinstitute.org, stcharleshealthcare.org.
 */
export function beFast(input: BeFastInput): Figure<BeFastDetails> {
  const items = BE_FAST_SIGNS.map((sign) => yes(sign, input[sign], 1));
  const positive = sumOf(items) > 0 ? true : totalOf(items) === null ? null : false;
  const advice = positive === null ? null : positive ? 'CALL_EMERGENCY' : 'NO_BEFAST_SIGN_SEEK_CARE_IF_WORRIED';
  return pointsFigure(BE_FAST, items, positive === null ? null : positive ? 'POSITIVE' : 'NEGATIVE', {
    positive,
    advice,
  });
}
