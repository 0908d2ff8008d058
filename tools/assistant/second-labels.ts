import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CORPUS, type Label, type Phrase } from './corpus.js';
import { toShare, type Share } from './interval.js';

/** A label that a second person gave to a tenth of the phrases, without knowing the first one. */
interface SecondLabel {
  file: string;
  line: number;
  label: Label;
}

/** How often two people agree on the label, and Cohen's kappa (1960): 1 for full agreement, 0 for chance. */
export interface Agreement {
  agreed: Share;
  /** Only whether it is an emergency. */
  agreedOnEmergency: Share;
  kappa: number;
}

export function measureAgreement(phrases: readonly Phrase[]): Agreement {
  const byPlace = new Map(phrases.map((phrase) => [`${phrase.file} ${phrase.line}`, phrase.label]));
  const pairs = readSecondLabels().map(({ file, line, label }) => {
    const first = byPlace.get(`${file} ${line}`);
    if (!first) throw new Error(`${file} has no phrase in line ${line}`);
    return [first, label] as const;
  });
  const agreed = toShare(pairs.filter(([first, second]) => first === second).length, pairs.length);
  const isSame = ([first, second]: readonly [Label, Label]): boolean =>
    (first === 'EMERGENCY') === (second === 'EMERGENCY');
  const byChance = (['EMERGENCY', 'HEALTH', 'ADMIN'] as const)
    .map((label) => [0, 1].map((person) => pairs.filter((pair) => pair[person] === label).length / pairs.length))
    .reduce((sum, [first = 0, second = 0]) => sum + first * second, 0);
  return {
    agreed,
    agreedOnEmergency: toShare(pairs.filter(isSame).length, pairs.length),
    kappa: (agreed.share - byChance) / (1 - byChance),
  };
}

function readSecondLabels(): SecondLabel[] {
  const [, ...rows] = readFileSync(join(CORPUS, 'second-labels.tsv'), 'utf8').trim().split('\n');
  return rows.map((row) => {
    const [file = '', line, label] = row.split('\t');
    return { file, line: Number(line), label: label as Label };
  });
}
