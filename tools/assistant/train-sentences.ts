import { SENTENCE_CLASSES, type SentenceClass } from '../../src/modules/ai/answers/checks/sentence-classifier.js';
import type { LinearModel } from '../../src/modules/ai/classifier/linear-model.js';
import { averageModels, trainLinearModel } from './linear-trainer.js';
import type { OutputSentence } from './measure-output-checks.js';
import { Random } from './random.js';

/** One model is trained with each; their average is used. */
const SEEDS = [20_261_130, 20_261_131, 20_261_132, 20_261_133, 20_261_134] as const;
const BUCKETS = 2 ** 15;
/** Most sentences of a model are harmless, unlike those of the authors. */
const WEIGHTS: Readonly<Partial<Record<SentenceClass, number>>> = { SAFE: 2 };
/** The kinds of the authors, and of `sentences.jsonl`, as classes. Links, code and other languages are found by patterns alone. */
const CLASS_OF_KIND: Readonly<Record<string, SentenceClass>> = {
  SAFE: 'SAFE',
  URGENT: 'EMERGENCY_ADVICE',
  REASSURANCE: 'AGAINST_HELP',
  WAIT: 'AGAINST_HELP',
  DOSE: 'DOSE',
  MEDICINE: 'DOSE',
  DIAGNOSIS: 'DIAGNOSIS',
  ACTION: 'PROMISE',
  PRIVATE: 'OTHERS_DATA',
  EMERGENCY_ADVICE: 'EMERGENCY_ADVICE',
  AGAINST_HELP: 'AGAINST_HELP',
  PROMISE: 'PROMISE',
  OTHERS_DATA: 'OTHERS_DATA',
  PROMPT_LEAK: 'OTHERS_DATA',
};
const SENTENCE_END = /(?<=[.!?؟।…]["'”’»)]*)\s+/u;

/** Trains the classifier of a model's sentences. The same sentences give the same weights, bit for bit. */
export function trainSentences(answers: readonly OutputSentence[]): LinearModel {
  const texts = answers.flatMap((answer) => {
    const label = CLASS_OF_KIND[answer.class];
    if (!label) return [];
    return split(answer).map((text) => ({ text, label: SENTENCE_CLASSES.indexOf(label), weight: WEIGHTS[label] ?? 1 }));
  });
  const options = { classes: SENTENCE_CLASSES.length, buckets: BUCKETS };
  return averageModels(SEEDS.map((seed) => trainLinearModel(texts, { ...options, random: new Random(seed) })));
}

/** Each sentence of a harmless answer is harmless; of another one, not every sentence violates. */
function split({ text, class: kind }: OutputSentence): string[] {
  const sentences = text.split(SENTENCE_END);
  return kind === 'SAFE' && sentences.length > 1 ? [text, ...sentences] : [text];
}
