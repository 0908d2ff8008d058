import {
  item,
  integerWithin,
  pointsResult,
  sumPoints,
  toTotal,
  type Answer,
  type ScoreResult,
  type Instrument,
  type Item,
} from './score-result.js';

export const CPSS_MAXIMA = { facialDroop: 1, armDrift: 1, abnormalSpeech: 1 } as const;

export interface CpssInput {
  facialDroop?: Answer<number>;
  armDrift?: Answer<number>;
  abnormalSpeech?: Answer<number>;
  /** Neither arm moves: the item is then normal by the rule of the scale, and armDrift is ignored. */
  bothArmsImmobile?: Answer<boolean>;
}

const CPSS: Instrument = {
  instrument: 'CPSS',
  version: '1.0.0',
  max: 3,
  unit: 'POINTS',
  source: 'Kothari RU et al., Ann Emerg Med 1999;33:373-378, doi 10.1016/S0196-0644(99)70299-4',
};

export interface CpssDetails {
  positive: boolean | null;
  /** Probability of a stroke in percent; for two abnormal signs, the value for one. */
  probabilityPct: number | null;
  /** The published text; there is no published value for two signs. */
  probability: string | null;
}

const PROBABILITY: Readonly<Record<number, Omit<CpssDetails, 'positive'>>> = {
  0: { probabilityPct: null, probability: null },
  1: { probabilityPct: 72, probability: '72 %' },
  2: { probabilityPct: 72, probability: '>=72 %' },
  3: { probabilityPct: 85, probability: '>85 %' },
};

/**
 * Cincinnati Prehospital Stroke Scale: face, arm and speech, 0 or 1 each. Both arms not moving at all counts as normal
 * for the score; for the level of urgency it is an emergency (triage.ts). Source: Kothari et al., Ann Emerg Med 1999, doi
 * 10.1016/S0196-0644(99)70299-4. Probabilities from the AHA's courses: 72 % for one abnormal sign, above 85 % for three, none for
 * two.
 */
export function cpss(input: CpssInput): ScoreResult<CpssDetails> {
  const items = [
    rated('facialDroop', input.facialDroop),
    toArmItem(input),
    rated('abnormalSpeech', input.abnormalSpeech),
  ];
  const score = toTotal(items);
  const positive = sumPoints(items) > 0 ? true : score === null ? null : false;
  return pointsResult(CPSS, items, positive === null ? null : positive ? 'POSITIVE' : 'NEGATIVE', {
    positive,
    probabilityPct: null,
    probability: null,
    ...(score !== null && PROBABILITY[score]),
  });
}

const rated = (name: string, value: Answer<number>): Item =>
  item(name, value, (points) => integerWithin(name, points, [0, 1]));

const toArmItem = ({ armDrift, bothArmsImmobile }: CpssInput): Item =>
  bothArmsImmobile ? { name: 'armDrift', value: 'BOTH_ARMS_IMMOBILE', points: 0 } : rated('armDrift', armDrift);
