import type { LinearModel } from '../../classifier/linear-model.js';
import { PERSON_WORDS, RELATIVES, SELDOM_NAMES, TITLES } from '../name-cues.js';
import type { Verdict } from '../name-verdicts.js';
import type { Token } from '../tokens.js';
import { TokenTagger } from './tagger.js';
import { getDetailedVerdict } from './token-features.js';

/** The lowest probability at which a word of each kind is a name. The other kinds are decided by the rules. */
const MIN_PROBABILITIES: Readonly<Record<string, number>> = { both: 0.4, similar: 0.45 };
const MIN_PROBABILITY_BY_CONTEXT = 0.5;
const MIN_BESIDE_NAME = 0.4;
const MIN_OF_WORD_BESIDE_NAME = 0.7;
const MIN_PROBABILITY_OF_CAPITALIZED = 0.85;
const MIN_PROBABILITY_OF_SELDOM_NAME = 0.8;

const isNoName = (word: string): boolean => RELATIVES.has(word) || TITLES.has(word) || PERSON_WORDS.has(word);

/** Names that the rules leave: words with a name's letters where the words around are those of a name. */
export class TaggedNames {
  private tagger: TokenTagger | undefined;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly weights?: LinearModel,
  ) {}

  isName(index: number, verdict: Verdict): boolean {
    const token = this.tokens[index];
    if (token?.kind !== 'word' || isNoName(token.word)) return false;
    const minimum = getMinimum(token, verdict);
    if (minimum === undefined) return false;
    this.tagger ??= new TokenTagger(this.tokens, this.weights);
    if (this.tagger.getProbability(index, 'name') > minimum) return true;
    const minimumByContext = Math.max(minimum, MIN_PROBABILITY_BY_CONTEXT);
    return verdict === 'both' && this.tagger.getProbabilityByContext(index, 'name') > minimumByContext;
  }

  /** Whether a word beside a name belongs to it, as far as names are found. */
  isBesideName(index: number, verdict: Verdict, isFound: readonly boolean[]): boolean {
    const token = this.tokens[index];
    if (token?.kind !== 'word' || verdict === 'none' || isNoName(token.word)) return false;
    this.tagger ??= new TokenTagger(this.tokens, this.weights);
    const probability = this.tagger.getProbabilityBesideFound(index, isFound, 'name');
    if (verdict === 'word' && getDetailedVerdict(token) === 'word') return probability > MIN_OF_WORD_BESIDE_NAME;
    return Math.max(probability, this.tagger.getProbabilityByFound(index, isFound, 'name')) > MIN_BESIDE_NAME;
  }
}

function getMinimum(token: Token, verdict: Verdict): number | undefined {
  if (verdict === 'both' && SELDOM_NAMES.has(token.word)) return MIN_PROBABILITY_OF_SELDOM_NAME;
  return (
    MIN_PROBABILITIES[verdict] ??
    (verdict === 'word' && token.isCapitalized ? MIN_PROBABILITY_OF_CAPITALIZED : undefined)
  );
}
