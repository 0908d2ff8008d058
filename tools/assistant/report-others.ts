import { formatShare, toShare } from './interval.js';
import { measureFaqs, readFaqLines } from './measure-faqs.js';
import { measureOutputChecks, readOutputAuthors, readOutputSentences } from './measure-output-checks.js';
import { measureRedaction, readPlanted, sumCounts } from './measure-redaction.js';

/** Prints the figures of the redaction, of the FAQs and of the checks on the model's words. Prints no message. */
export function printOtherFigures(): void {
  console.log('\n# Redaction, planted messages of a reserved author');
  const { removed, kept } = measureRedaction(readPlanted('reserved'));
  for (const [kind, counts] of [...Object.entries(removed), ['clinical values kept', kept] as const]) {
    const { good, total } = sumCounts(counts);
    console.log(`  ${kind.padEnd(22)} ${formatShare(toShare(good, total))}`);
  }
  for (const name of ['pairs.jsonl', 'reserved.jsonl']) {
    console.log(`\n# FAQs, test/fixtures/faqs/${name}`);
    for (const [language, { right, wrong, answerable }] of Object.entries(measureFaqs(readFaqLines(name)))) {
      const [precision, recall] = [toShare(right, right + wrong), toShare(right, answerable)];
      console.log(`  ${language}: precision ${formatShare(precision)}, answered rightly ${formatShare(recall)}`);
    }
  }
  console.log("\n# Checks on the model's words, withheld by part");
  const counts = measureOutputChecks([
    ...readOutputSentences(),
    ...readOutputAuthors('development'),
    ...readOutputAuthors('reserved'),
  ]);
  for (const part of new Set(counts.map((count) => count.part))) {
    for (const isSafe of [false, true]) {
      const own = counts.filter((count) => count.part === part && (count.class === 'SAFE') === isSafe);
      const [withheld, total] = [own.reduce((n, c) => n + c.withheld, 0), own.reduce((n, c) => n + c.total, 0)];
      if (total > 0)
        console.log(`  ${part.padEnd(14)} ${isSafe ? 'safe  ' : 'unsafe'} ${formatShare(toShare(withheld, total))}`);
    }
  }
}
