/**
 * Trains the classifier of the chat with the phrases of the development authors, and writes its weights: `npm run train:red-flags`.
 * With `--measure`, it leaves out one author after the other, trains with the others, and prints how the author's messages are answered.
 * With `--mistakes`, it also prints the messages that are answered wrongly.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatModel } from '../src/modules/ai/classifier/linear-model.js';
import { readDevelopment } from './assistant/corpus.js';
import { evaluate } from './assistant/evaluate.js';
import { printFigures, printMistakes } from './assistant/report.js';
import { trainClassifier } from './assistant/train-classifier.js';

const WEIGHTS = 'src/modules/ai/classifier/weights.bin';

const { values: options } = parseArgs({
  options: { measure: { type: 'boolean' }, mistakes: { type: 'boolean' }, out: { type: 'string', default: WEIGHTS } },
});
const phrases = readDevelopment();
if (options.measure || options.mistakes) {
  const authors = [...new Set(phrases.map(({ author }) => author))];
  const results = authors.flatMap((author) => {
    const weights = trainClassifier(phrases.filter((phrase) => phrase.author !== author));
    return evaluate(
      phrases.filter((phrase) => phrase.author === author),
      { weights, minimisers: false },
    );
  });
  printFigures('Development authors, each measured with the weights of the others', results);
  if (options.mistakes) printMistakes(results);
} else {
  writeFileSync(options.out, formatModel(trainClassifier(phrases)));
  console.log(`${phrases.length} phrases, ${options.out}`);
}
