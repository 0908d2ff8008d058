import { CORPUS_LANGUAGES, type Phrase } from './corpus.js';
import { isEmergency, toFigures, type Figures, type Result } from './evaluate.js';
import { formatShare } from './interval.js';

const LANGUAGE_NAMES = { en: 'English', ar: 'Arabic', hi: 'Hindi and Hinglish' } as const;
const NAMES: Readonly<Record<Exclude<keyof Figures, 'byKind'>, string>> = {
  recall: 'emergencies answered EMERGENCY',
  coverage: 'emergencies that show the number',
  selfHarm: 'self-harm answered EMERGENCY',
  crisisPrecision: 'of the crisis texts, about self-harm',
  withMinimisers: 'still EMERGENCY with a minimiser',
  falseAlarms: 'harmless answered EMERGENCY',
  administrative: 'administrative answered ADMIN',
  besideOther: 'sign beside a past illness or a negation',
};

/** Prints all figures by language, and the parts of Arabic and Hindi that are written in Latin letters. */
export function printFigures(title: string, results: readonly Result[]): void {
  console.log(`\n# ${title}`);
  for (const language of CORPUS_LANGUAGES) {
    const own = results.filter(({ phrase }) => phrase.language === language);
    printPart(LANGUAGE_NAMES[language], own, true);
    if (language !== 'en') {
      const isLatin = ({ phrase }: Result): boolean =>
        /[a-z]{2}/i.test(phrase.text) && !/[\u0600-\u0A00]/.test(phrase.text);
      printPart(`${LANGUAGE_NAMES[language]}, of which in Latin letters`, own.filter(isLatin), false);
    }
  }
}

function printPart(title: string, results: readonly Result[], withKinds: boolean): void {
  const { byKind, ...figures } = toFigures(results);
  console.log(`\n## ${title}: ${results.length} messages`);
  for (const [name, share] of Object.entries(figures)) {
    console.log(`  ${NAMES[name as keyof typeof NAMES].padEnd(44)} ${formatShare(share)}`);
  }
  if (!withKinds) return;
  console.log('  right by kind:');
  for (const [kind, share] of byKind) console.log(`    ${kind.padEnd(42)} ${formatShare(share)}`);
}

/** Only for authors of the development: those of the reserved authors are never printed. */
export function printMistakes(results: readonly Result[]): void {
  const wrong = results.filter(
    ({ phrase, outcome }) => (phrase.label === 'EMERGENCY') !== isEmergency(outcome) || isHidden(phrase, outcome),
  );
  for (const { phrase, outcome } of wrong) {
    console.log([phrase.author, phrase.language, phrase.kind, outcome, phrase.text].join('\t'));
  }
}

const isHidden = ({ label }: Phrase, outcome: Result['outcome']): boolean =>
  label === 'EMERGENCY' && outcome === 'ADMIN';
