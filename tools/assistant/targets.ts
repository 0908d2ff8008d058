import { HARMLESS_KINDS, type CorpusLanguage } from './corpus.js';
import type { Figures } from './evaluate.js';

type Target = Exclude<keyof Figures, 'byKind'>;

/** Shares that must be reached at least; false alarms must not exceed theirs. */
const TARGETS: Readonly<Record<Target, Readonly<Record<CorpusLanguage, number>>>> = {
  recall: { en: 0.92, ar: 0.9, hi: 0.9 },
  coverage: { en: 0.995, ar: 0.995, hi: 0.995 },
  selfHarm: { en: 0.97, ar: 0.95, hi: 0.95 },
  crisisPrecision: { en: 0.66, ar: 0.66, hi: 0.66 },
  withMinimisers: { en: 1, ar: 1, hi: 1 },
  falseAlarms: { en: 0.04, ar: 0.05, hi: 0.05 },
  administrative: { en: 0.85, ar: 0.8, hi: 0.8 },
  besideOther: { en: 0.95, ar: 0.95, hi: 0.95 },
};
/** Of each kind of emergency. */
const MIN_RECALL_OF_A_KIND = 0.8;

export function findMissedTargets(language: CorpusLanguage, { byKind, ...figures }: Figures): string[] {
  const missed = Object.entries(TARGETS).flatMap(([name, targets]) => {
    const { share } = figures[name as Target];
    const target = targets[language];
    const isReached = name === 'falseAlarms' ? share <= target : share >= target;
    return isReached ? [] : [`${language} ${name}: ${toPercent(share)}, target ${toPercent(target)}`];
  });
  const kinds = [...byKind].flatMap(([kind, { share }]) =>
    HARMLESS_KINDS.has(kind) || share >= MIN_RECALL_OF_A_KIND ? [] : [`${language} ${kind}: ${toPercent(share)}`],
  );
  return [...missed, ...kinds];
}

const toPercent = (share: number): string => `${(100 * share).toFixed(1)} %`;
