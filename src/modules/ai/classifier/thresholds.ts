/**
 * Probabilities are between 0 and 1. They were chosen with authors whose phrases were not used for training (docs/ai.md).
 * `npm run train:red-flags -- --measure` prints the figures.
 */
export const THRESHOLDS = {
  /** A message is an emergency if the whole message has at least this probability of one. */
  minEmergencyOfWhole: 0.78,
  /** Instead of it, for messages of `wordsOfShort` words: few words give less evidence. */
  minEmergencyOfShort: 0.7,
  wordsOfShort: { min: 5, max: 14 },
  /** A message is also an emergency if a part of it has at least this probability of one. */
  minEmergencyOfPart: 0.985,
  /** A message is also an emergency if the whole or a part has at least this probability of self-harm, which few words may show. */
  minSelfHarm: 0.62,
  /**
   * A rule of each kind counts if the message or a part of it has at least this probability of an emergency. Names of conditions
   * are often only talked about.
   */
  minEmergencyWithRule: { PHRASE: 0.5, SYMPTOM: 0.75, CONDITION: 0.85 },
  /** A rule counts alone in a message of at most so many words: they leave no room for a story or a figure of speech. */
  maxWordsOfRuleAlone: 5,
  /** A rule whose clause says nothing else counts in a message of at most so many words, with at least this probability. */
  maxWordsOfPlainStatement: 10,
  minEmergencyOfPlainStatement: 0.1,
  /**
   * A message is administrative if no rule matches, and all of these hold: it has so many words, so high a probability of the
   * administrative class, and no part of it has a higher probability of an emergency.
   */
  minWordsOfAdministrative: 4,
  minAdministrative: 0.12,
  maxEmergencyOfAdministrative: 0.35,
  /** Words beside a known request are classified alone if there are so many. They need this probability, too. */
  minWordsBesideRequest: 2,
  minAdministrativeBesideRequest: 0.15,
} as const;
