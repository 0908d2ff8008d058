import { BUCKETS } from '../../src/modules/ai/classifier/features.js';
import type { LinearModel } from '../../src/modules/ai/classifier/linear-model.js';
import { CLASSES } from '../../src/modules/ai/classifier/weights.js';
import { augment } from './augment.js';
import type { Phrase } from './corpus.js';
import { averageModels, trainLinearModel } from './linear-trainer.js';
import { Random } from './random.js';

/** One model is trained with each; their average is used. */
const SEEDS = [20_261_130, 20_261_131, 20_261_132] as const;
/** How much an example of each class counts, since the corpus has more emergencies than other messages. */
const CLASS_WEIGHTS = { EMERGENCY: 0.6, SELF_HARM: 1.2, HEALTH: 1.6, ADMIN: 1.6 } as const;

/** Trains the classifier of messages. The same phrases give the same weights, bit for bit. */
export const trainClassifier = (phrases: readonly Phrase[]): LinearModel =>
  averageModels(SEEDS.map((seed) => trainOnce(phrases, new Random(seed))));

function trainOnce(phrases: readonly Phrase[], random: Random): LinearModel {
  const texts = augment(phrases, random).map(({ text, label }) => ({
    text,
    label: CLASSES.indexOf(label),
    weight: CLASS_WEIGHTS[label],
  }));
  return trainLinearModel(texts, { classes: CLASSES.length, buckets: BUCKETS, random });
}
