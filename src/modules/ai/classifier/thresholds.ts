/** Chosen with authors whose phrases were not used for training (docs/ai.md). `npm run train:red-flags -- --measure` prints the figures. */
export const THRESHOLDS = {
  /** An emergency, if the whole message has at least this probability … */
  emergencyWhole: 0.78,
  /** … or, if it has so many words, which give less evidence, this one … */
  emergencyShort: 0.7,
  wordsOfShort: { min: 5, max: 14 },
  /** … or a part of it this one … */
  emergencyPart: 0.985,
  /** … or the whole or a part this probability of self-harm, which few words may show … */
  selfHarm: 0.62,
  /** … or a rule of this kind matches, and a part has at least this probability. Names of conditions are often only talked about. */
  emergencyWithRule: { PHRASE: 0.5, SYMPTOM: 0.75, CONDITION: 0.85 },
  /** A rule is enough alone in a message of up to so many words: they leave no room for a story or a figure of speech. */
  wordsOfRuleAlone: 5,
  /** … and, if the clause of the match says nothing else, of up to so many, with at least this probability. */
  wordsOfPlainStatement: 10,
  emergencyOfPlainStatement: 0.1,
  /** Certainly administrative, if no rule matches, the message has at least so many words … */
  wordsOfAdministrative: 4,
  /** … and as a whole at least this probability … */
  administrative: 0.12,
  /** … its words beside known requests have this one, if there are so many … */
  administrativeBesideRequest: 0.15,
  wordsBesideRequest: 2,
  /** … and no part has more than this probability of an emergency. */
  emergencyOfAdministrative: 0.35,
} as const;
