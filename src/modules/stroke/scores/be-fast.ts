import { pointsFigure, sumOf, totalOf, yes, type Answer, type Figure, type Instrument } from './figure.js';

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
  /** Null while no sign is known and not all were asked for. */
  positive: boolean | null;
  advice: BeFastAdvice | null;
}

/**
 * Balance, Eyes, Face, Arm, Speech: any one sudden sign is positive, also when it went away again, and T is the time to
 * call. One sign settles it; "no sign" needs all five to be answered.
 * Source: Aroor et al., Stroke 2017, doi 10.1161/STROKEAHA.116.015169.
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
