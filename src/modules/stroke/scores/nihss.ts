import {
  integerWithin,
  item,
  pointsResult,
  toTotal,
  type Answer,
  type ScoreResult,
  type Instrument,
} from './score-result.js';

/** The 15 items of the scale and the maximum points of each. */
export const NIHSS_MAXIMA = {
  item1a: 3,
  item1b: 2,
  item1c: 2,
  item2: 2,
  item3: 3,
  item4: 3,
  item5a: 4,
  item5b: 4,
  item6a: 4,
  item6b: 4,
  item7: 2,
  item8: 2,
  item9: 3,
  item10: 2,
  item11: 2,
} as const;

export type NihssItem = keyof typeof NIHSS_MAXIMA;
export const NIHSS_ITEMS = Object.keys(NIHSS_MAXIMA) as NihssItem[];
/** An item that can't be tested, such as the arm of an amputee. */
export const UNTESTABLE = 'UN';
/** The items that the form allows as untestable: limbs (amputation, a fused joint) and speech (a tube). */
const MAY_BE_UNTESTABLE: readonly NihssItem[] = ['item5a', 'item5b', 'item6a', 'item6b', 'item7', 'item10'];
export const mayBeUntestable = (name: NihssItem): boolean => MAY_BE_UNTESTABLE.includes(name);
export type NihssInput = { [Name in NihssItem]?: Answer<number | typeof UNTESTABLE> };

const NIHSS: Instrument = {
  instrument: 'NIHSS',
  version: '1.0.0',
  max: 42,
  unit: 'POINTS',
  source: 'Brott T et al., Stroke 1989;20:864-870, doi 10.1161/01.STR.20.7.864; classes: PMC8157911 table 2',
};

export interface NihssDetails {
  /** The items rated UN, which are not in the sum: with such items, the score is a lower bound. */
  untestable: string[];
  isLowerBound: boolean;
}

/**
 * National Institutes of Health Stroke Scale: 0 none, 1-4 minor, 5-15 moderate, 16-20 moderate to severe, 21-42 severe.
 * With a missing item there is no score. UN items are not counted, and the score is then incomplete. Nothing is filled in for a
 * coma. The maximum of 42 is arithmetic, not a clinical value. Source: Brott et al., Stroke 1989, doi 10.1161/01.STR.20.7.864;
 * classes of severity: PMC8157911 table 2.
 */
export function nihss(input: NihssInput): ScoreResult<NihssDetails> {
  const items = NIHSS_ITEMS.map((name) =>
    item<number | typeof UNTESTABLE>(name, input[name], (value) =>
      value === UNTESTABLE && mayBeUntestable(name) ? null : integerWithin(name, value, [0, NIHSS_MAXIMA[name]]),
    ),
  );
  const untestable = items.filter(({ value }) => value === UNTESTABLE).map(({ name }) => name);
  const score = toTotal(items);
  const isLowerBound = untestable.length > 0;
  const result = pointsResult(NIHSS, items, score === null ? null : getSeverity(score), { untestable, isLowerBound });
  return { ...result, complete: result.complete && !isLowerBound };
}

function getSeverity(score: number): string {
  if (score === 0) return 'NONE';
  if (score <= 4) return 'MINOR';
  if (score <= 15) return 'MODERATE';
  return score <= 20 ? 'MODERATE_SEVERE' : 'SEVERE';
}
