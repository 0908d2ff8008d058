/**
 * Trains the tagger of the redaction, and writes its weights: `npm run train:redaction`. With `--measure`, it leaves out one author
 * after the other, trains with the others, and prints what is removed from the author's messages.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatModel } from '../src/modules/ai/classifier/linear-model.js';
import { Redactor } from '../src/modules/ai/redaction/redactor.js';
import { readDevelopment } from './assistant/corpus.js';
import { formatShare, toShare } from './assistant/interval.js';
import { DEVELOPMENT_FILES, measureRedaction, readPlanted, sumCounts } from './assistant/measure-redaction.js';
import { trainTagger } from './assistant/train-tagger.js';

const WEIGHTS = 'src/modules/ai/redaction/tagger/tagger-weights.bin';

const { values: options } = parseArgs({
  options: { measure: { type: 'boolean' }, out: { type: 'string', default: WEIGHTS } },
});
const ordinary = readDevelopment().map(({ text }) => text);
const trainWith = (files: readonly string[]): ReturnType<typeof trainTagger> =>
  trainTagger(
    files.flatMap((file) => readPlanted(file)),
    ordinary,
  );
if (options.measure) {
  for (const leftOut of DEVELOPMENT_FILES) {
    const weights = trainWith(DEVELOPMENT_FILES.filter((file) => file !== leftOut));
    const { removed, kept } = measureRedaction(readPlanted(leftOut), new Redactor({ names: [], phrases: [] }, weights));
    console.log(`\n# ${leftOut}, with the weights of the other authors`);
    for (const [kind, counts] of [...Object.entries(removed), ['clinical values kept', kept] as const]) {
      const { good, total } = sumCounts(counts);
      console.log(`  ${kind.padEnd(22)} ${formatShare(toShare(good, total))}`);
    }
  }
} else {
  writeFileSync(options.out, formatModel(trainWith(DEVELOPMENT_FILES)));
  console.log(`${DEVELOPMENT_FILES.length} authors, ${options.out}`);
}
