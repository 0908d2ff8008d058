import {
  pointsResult,
  scaleItems,
  toTotal,
  type Answer,
  type ScoreResult,
  type Instrument,
  type Item,
} from './score-result.js';

const MOTOR_MAXIMA = { facialPalsy: 2, arm: 2, leg: 2, gaze: 1 } as const;
/** Only one of aphasia and agnosia is rated, so the maximum is 9, not 11. */
export const RACE_MAXIMA = { ...MOTOR_MAXIMA, aphasia: 2, agnosia: 2 } as const;
export const SIDES = ['LEFT', 'RIGHT'] as const;
export type Side = (typeof SIDES)[number];

export type RaceInput = { [Name in keyof typeof RACE_MAXIMA]?: Answer<number> } & {
  /** The weak side of the body, which determines whether aphasia or agnosia is rated. */
  hemiparesis?: Answer<Side>;
};

const RACE: Instrument = {
  instrument: 'RACE',
  version: '1.0.0',
  max: 9,
  unit: 'POINTS',
  source: 'Pérez de la Ossa N et al., Stroke 2014;45:87-91, doi 10.1161/STROKEAHA.113.003071',
};

export interface RaceDetails {
  lvoLikely: boolean | null;
  /** For a large vessel occlusion at this score or above; not published for 0. */
  sensitivityPct: number | null;
  specificityPct: number | null;
  /** Items that were rated but do not count for this weak side. */
  ignored: string[];
}

const LVO_FROM = 5;
/** Sensitivity and specificity of the cut-offs >=1 to >=9. */
const ACCURACY_OF_CUT_OFFS: readonly (readonly [sensitivity: number, specificity: number])[] = [
  [100, 13],
  [97, 27],
  [93, 40],
  [89, 55],
  [85, 68],
  [72, 77],
  [53, 89],
  [32, 95],
  [7, 99],
];

/**
 * Rapid Arterial oCclusion Evaluation: face 0-2, arm 0-2, leg 0-2, gaze 0-1, and aphasia 0-2 if the right side is weak or agnosia
 * 0-2 if the left side is weak. From 5, a large vessel occlusion is likely: information only.
 * Source: Pérez de la Ossa et al., Stroke 2014, doi 10.1161/STROKEAHA.113.003071.
 * @throws RangeError if both aphasia and agnosia are rated
 */
export function race(input: RaceInput): ScoreResult<RaceDetails> {
  if (surplusItem(input)) throw new RangeError('aphasia and agnosia are not rated together');
  const items = [...scaleItems<keyof typeof MOTOR_MAXIMA>(input, MOTOR_MAXIMA), ...cortical(input)];
  const score = toTotal(items);
  const lvoLikely = score === null ? null : score >= LVO_FROM;
  const [sensitivityPct, specificityPct] = getAccuracy(score);
  return pointsResult(RACE, items, lvoLikely === null ? null : lvoLikely ? 'LVO_LIKELY' : 'LVO_LESS_LIKELY', {
    lvoLikely,
    sensitivityPct,
    specificityPct,
    ignored: listIgnored(input),
  });
}

function getAccuracy(score: number | null): readonly [sensitivity: number | null, specificity: number | null] {
  if (score === null) return [null, null];
  return ACCURACY_OF_CUT_OFFS[score - 1] ?? [null, null];
}

function cortical({ hemiparesis, aphasia, agnosia }: RaceInput): Item[] {
  if (!hemiparesis) return [{ name: 'hemiparesis', value: null, points: null }];
  const side = { name: 'hemiparesis', value: hemiparesis, points: 0 };
  return [
    side,
    ...(hemiparesis === 'RIGHT' ? scaleItems({ aphasia }, { aphasia: 2 }) : scaleItems({ agnosia }, { agnosia: 2 })),
  ];
}

/** If both aphasia and agnosia are rated, the one that must not be; otherwise null. */
export function surplusItem({ hemiparesis, aphasia, agnosia }: RaceInput): 'aphasia' | 'agnosia' | null {
  if (typeof aphasia !== 'number' || typeof agnosia !== 'number') return null;
  return hemiparesis === 'LEFT' ? 'aphasia' : 'agnosia';
}

function listIgnored({ hemiparesis, aphasia, agnosia }: RaceInput): string[] {
  if (hemiparesis === 'RIGHT') return typeof agnosia === 'number' ? ['agnosia'] : [];
  return hemiparesis === 'LEFT' && typeof aphasia === 'number' ? ['aphasia'] : [];
}
