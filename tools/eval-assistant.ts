import { CORPUS_LANGUAGES, readDevelopment, readDirect, readReserved } from './assistant/corpus.js';
import { evaluate, toFigures } from './assistant/evaluate.js';
import { formatShare } from './assistant/interval.js';
import { findNearDuplicates } from './assistant/near-duplicates.js';
import { printFigures, printMistakes } from './assistant/report.js';
import { printOtherFigures } from './assistant/report-others.js';
import { measureAgreement } from './assistant/second-labels.js';
import { findMissedTargets } from './assistant/targets.js';

/**
 * Measures how the chat answers: `npm run eval:assistant`. Prints the figures of the reserved authors, and no phrase of theirs.
 * With `--mistakes`, it prints the wrong answers to phrases of the development authors, with whom the classifier was trained; for
 * phrases that it did not see, use `npm run train:red-flags -- --mistakes`. Exits with 1 if a target of docs/ai.md is missed.
 */
const [development, reserved, direct] = [readDevelopment(), readReserved(), readDirect()];
const all = [...development, ...reserved, ...direct];
for (const language of CORPUS_LANGUAGES) {
  const own = all.filter((phrase) => phrase.language === language);
  console.log(`${language}: ${own.length} phrases of ${new Set(own.map(({ author }) => author)).size} authors`);
}
console.log(`near-duplicates of another phrase: ${findNearDuplicates(all).length}`);
const { agreed, agreedOnEmergency, kappa } = measureAgreement(all);
console.log(`a second person gives the same label: ${formatShare(agreed)}, kappa ${kappa.toFixed(3)}`);
console.log(`… and agrees whether it is an emergency: ${formatShare(agreedOnEmergency)}`);

const results = evaluate(reserved);
printFigures('Reserved authors', results);
printFigures('Direct statements of an author who was not used for training', evaluate(direct));
printOtherFigures();
if (process.argv.includes('--mistakes')) printMistakes(evaluate(development));

const missed = CORPUS_LANGUAGES.flatMap((language) =>
  findMissedTargets(language, toFigures(results.filter(({ phrase }) => phrase.language === language))),
);
console.log(missed.length === 0 ? '\nAll targets are reached.' : `\nMissed targets:\n  ${missed.join('\n  ')}`);
process.exitCode = missed.length === 0 ? 0 : 1;
