import { getBuckets, splitIntoWords } from '../../src/modules/ai/classifier/features.js';
import { softmax, type LinearModel } from '../../src/modules/ai/classifier/linear-model.js';
import type { Random } from './random.js';

const EPOCHS = 6;
const LEARNING_RATE = 0.25;
/** The share of an example's features that is ignored each time, so that no word is decisive alone. */
const DROPOUT = 0.3;
/** The squared gradients of AdaGrad before the first example. */
const FIRST_SQUARE = 1e-2;
/** Pulls the weights of rare features towards zero. */
const DECAY = 2e-5;
/** The highest weight in 8 bits. */
const MAX_VALUE = 127;

export interface LabelledText {
  text: string;
  /** The number of its class. */
  label: number;
  /** How much the example counts. */
  weight: number;
}

export interface TrainingExample {
  buckets: Int32Array;
  label: number;
  weight: number;
}

/**
 * Trains multinomial logistic regression with AdaGrad. The same texts and seed give the same weights, bit for bit: the order of all
 * operations is fixed, and all random choices come from `random`.
 * @param buckets a power of two
 */
export function trainLinearModel(
  texts: readonly LabelledText[],
  { classes, buckets, random }: { classes: number; buckets: number; random: Random },
): LinearModel {
  const examples = texts.map(({ text, ...rest }) => ({
    ...rest,
    buckets: Int32Array.from(new Set([...getBuckets(splitIntoWords(text).words)].map((each) => each & (buckets - 1)))),
  }));
  return new LinearTrainer(classes, buckets).train(examples, EPOCHS, random);
}

/**
 * The average of models that were trained with different random choices. It makes fewer mistakes than each of them, and depends less on
 * these choices.
 */
export function averageModels(models: readonly LinearModel[]): LinearModel {
  const [first] = models;
  if (!first) throw new Error('There is no model to average');
  const classes = first.biases.length;
  const mean = (get: (model: LinearModel) => number): number =>
    models.reduce((sum, model) => sum + get(model), 0) / models.length;
  const weights = Float64Array.from(first.values, (_, at) =>
    mean(({ values, scales }) => values[at]! * scales[at % classes]!),
  );
  const biases = Float64Array.from({ length: classes }, (_, each) => mean((model) => model.biases[each]!));
  return toModel(weights, biases);
}

/** Multinomial logistic regression with AdaGrad. */
export class LinearTrainer {
  private readonly weights: Float64Array;
  private readonly squares: Float64Array;
  private readonly biases: Float64Array;
  private readonly biasSquares: Float64Array;

  constructor(
    private readonly classes: number,
    buckets: number,
  ) {
    this.weights = new Float64Array(buckets * classes);
    this.squares = new Float64Array(buckets * classes).fill(FIRST_SQUARE);
    this.biases = new Float64Array(classes);
    this.biasSquares = new Float64Array(classes).fill(1);
  }

  /** Learns all examples so many times, each time in another order, also of the array, and without some of their features. */
  train(examples: TrainingExample[], epochs: number, random: Random): LinearModel {
    for (let epoch = 0; epoch < epochs; epoch += 1) {
      random.shuffle(examples);
      for (const { buckets, ...rest } of examples)
        this.learn({ ...rest, buckets: buckets.filter(() => random.next() >= DROPOUT) });
    }
    return this.toModel();
  }

  private learn({ buckets, label, weight }: TrainingExample): void {
    const { classes, weights, squares, biases, biasSquares } = this;
    const length = Math.sqrt(Math.max(buckets.length, 1));
    const scores = Array.from(biases);
    for (const bucket of buckets) {
      for (let each = 0; each < classes; each += 1) scores[each]! += weights[bucket * classes + each]! / length;
    }
    const probabilities = softmax(scores);
    for (let each = 0; each < classes; each += 1) {
      const error = weight * (probabilities[each]! - (each === label ? 1 : 0));
      const gradient = error / length;
      biasSquares[each]! += error * error;
      biases[each]! -= (LEARNING_RATE * error) / Math.sqrt(biasSquares[each]!);
      for (const bucket of buckets) {
        const at = bucket * classes + each;
        const decayed = gradient + DECAY * weights[at]!;
        squares[at]! += decayed * decayed;
        weights[at]! -= (LEARNING_RATE * decayed) / Math.sqrt(squares[at]!);
      }
    }
  }

  toModel(): LinearModel {
    return toModel(this.weights, this.biases);
  }
}

/** Stores the weights of each class in 8 bits. */
function toModel(weights: Float64Array, biases: Float64Array): LinearModel {
  const classes = biases.length;
  const scales = new Float32Array(classes);
  weights.forEach((weight, at) => (scales[at % classes] = Math.max(scales[at % classes]!, Math.abs(weight))));
  scales.forEach((highest, each) => (scales[each] = highest / MAX_VALUE));
  const values = Int8Array.from(weights, (weight, at) => Math.round(weight / scales[at % classes]!));
  return { biases: Float32Array.from(biases), scales, values };
}
