/** Trains the classifier of a model's sentences with those of the development authors, and writes its weights: `npm run train:sentences`. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatModel } from '../src/modules/ai/classifier/linear-model.js';
import { readTrainingSentences } from './assistant/measure-output-checks.js';
import { trainSentences } from './assistant/train-sentences.js';

const { values: options } = parseArgs({
  options: { out: { type: 'string', default: 'src/modules/ai/answers/checks/sentence-weights.bin' } },
});
const sentences = readTrainingSentences();
writeFileSync(options.out, formatModel(trainSentences(sentences)));
console.log(`${sentences.length} sentences, ${options.out}`);
