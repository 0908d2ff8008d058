import { softmax } from '../../src/modules/ai/classifier/classifier.js';
import { BUCKETS, getBuckets, splitIntoWords } from '../../src/modules/ai/classifier/features.js';
import { CLASSES, type Weights } from '../../src/modules/ai/classifier/weights.js';
import { augment } from './augment.js';
import type { Phrase } from './corpus.js';
import { Random } from './random.js';

const SEED = 20_261_130;
const EPOCHS = 6;
const LEARNING_RATE = 0.25;
/** The share of an example's features that is ignored each time, so that no word is decisive alone. */
const DROPOUT = 0.3;
/** Pulls the weights of rare features towards zero. */
const DECAY = 2e-5;
const MAX_VALUE = 127;
/** How much an example of each class counts, since the corpus has more emergencies than other messages. */
const CLASS_WEIGHTS = { EMERGENCY: 0.6, SELF_HARM: 1.2, HEALTH: 1.6, ADMIN: 1.6 } as const;

interface TrainingExample {
  buckets: Int32Array;
  label: number;
  weight: number;
}

/**
 * Trains the classifier: multinomial logistic regression with AdaGrad. The same phrases give the same weights, bit for bit:
 * the order of all operations is fixed, and all random choices have a seed.
 */
export function train(phrases: readonly Phrase[]): Weights {
  const random = new Random(SEED);
  const examples = augment(phrases, random).map(({ text, label }) => ({
    buckets: Int32Array.from(getBuckets(splitIntoWords(text).words)),
    label: CLASSES.indexOf(label),
    weight: CLASS_WEIGHTS[label],
  }));
  const model = new Model();
  for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
    random.shuffle(examples);
    for (const { buckets, ...rest } of examples) {
      model.learn({ ...rest, buckets: buckets.filter(() => random.next() >= DROPOUT) });
    }
  }
  return model.toWeights();
}

class Model {
  private readonly count = CLASSES.length;
  private readonly weights = new Float64Array(BUCKETS * this.count);
  private readonly squares = new Float64Array(BUCKETS * this.count).fill(1e-2);
  private readonly biases = new Float64Array(this.count);
  private readonly biasSquares = new Float64Array(this.count).fill(1);

  learn({ buckets, label, weight }: TrainingExample): void {
    const { count, weights, squares, biases, biasSquares } = this;
    const length = Math.sqrt(Math.max(buckets.length, 1));
    const scores = Array.from(biases);
    for (const bucket of buckets) {
      for (let each = 0; each < count; each += 1) scores[each]! += weights[bucket * count + each]! / length;
    }
    const probabilities = Object.values(softmax(scores));
    for (let each = 0; each < count; each += 1) {
      const error = weight * (probabilities[each]! - (each === label ? 1 : 0));
      const gradient = error / length;
      biasSquares[each]! += error * error;
      biases[each]! -= (LEARNING_RATE * error) / Math.sqrt(biasSquares[each]!);
      for (const bucket of buckets) {
        const at = bucket * count + each;
        const decayed = gradient + DECAY * weights[at]!;
        squares[at]! += decayed * decayed;
        weights[at]! -= (LEARNING_RATE * decayed) / Math.sqrt(squares[at]!);
      }
    }
  }

  toWeights(): Weights {
    const { count, weights, biases } = this;
    const scales = new Float32Array(count);
    weights.forEach((weight, at) => (scales[at % count] = Math.max(scales[at % count]!, Math.abs(weight))));
    scales.forEach((highest, each) => (scales[each] = highest / MAX_VALUE));
    const values = Int8Array.from(weights, (weight, at) => Math.round(weight / scales[at % count]!));
    return { biases: Float32Array.from(biases), scales, values };
  }
}
