import { pointsResult, scaleItems, toTotal, type Answer, type ScoreResult, type Instrument } from './score-result.js';

export const LAMS_MAXIMA = { facialDroop: 1, armDrift: 2, gripStrength: 2 } as const;
export type LamsInput = { [Name in keyof typeof LAMS_MAXIMA]?: Answer<number> };

const LAMS: Instrument = {
  instrument: 'LAMS',
  version: '1.0.0',
  max: 5,
  unit: 'POINTS',
  source:
    'Llanas JN et al., Prehosp Emerg Care 2004;8:46-50, doi 10.1080/312703002806; ' +
    'cut-off: Noorian AR et al., Stroke 2018;49:565-572, doi 10.1161/STROKEAHA.117.019228',
};

const LVO_FROM = 4;

/**
 * Los Angeles Motor Scale: face 0-1, arm 0-2, grip 0-2. From 4, a large vessel occlusion is likely. This is only
 * additional information: a low score does not lower the urgency. Source: Llanas et al., Prehosp Emerg Care 2004, doi 10.1080/312703002806;
 * cut-off: Noorian et al., Stroke 2018, doi 10.1161/STROKEAHA.117.019228.
 */
export function lams(input: LamsInput): ScoreResult<{ lvoLikely: boolean | null }> {
  const items = scaleItems(input, LAMS_MAXIMA);
  const score = toTotal(items);
  const lvoLikely = score === null ? null : score >= LVO_FROM;
  return pointsResult(LAMS, items, lvoLikely === null ? null : lvoLikely ? 'LVO_LIKELY' : 'LVO_LESS_LIKELY', {
    lvoLikely,
  });
}
