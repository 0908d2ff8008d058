import { analyze, isTooLong, type Term } from './analysis.js';
import { type Concept, WEAK_CONCEPTS } from './lexicon.js';

/** Measured on test/fixtures/faqs/pairs.jsonl; docs/ai.md has the figures. */
const MIN_SIMILARITY = 0.55;
/** A word that only the answer contains says less about the subject. */
const ANSWER_SHARE = 0.4;
/** A weak concept counts this much; if the FAQ lacks it and another one has it, as much as the second number. */
const WEAK_SHARE = 0.25;
const UNMATCHED_WEAK_SHARE = 0.4;
/** A word that no lexicon, no vocabulary and no FAQ has. It counts against every FAQ. */
const UNKNOWN_WEIGHT = 2.5;
/** A word of the language that is not about any subject known here. */
const ORDINARY_WEIGHT = 0.8;
/** The weight of a word that every FAQ has. */
const MIN_RARITY = 0.3;

/** Concepts of which every word stands for itself. */
const EXCLUDING: ReadonlySet<Concept> = new Set(['CLINICAL', 'OTHER']);

interface FaqText {
  question: string;
  answer: string;
  category?: string | null;
}

interface IndexedFaq<T> {
  faq: T;
  question: readonly Term[];
  inQuestion: ReadonlySet<string>;
  inAnswer: ReadonlySet<string>;
}

/** The keys under which a term is compared: what it stands for, and the word itself. */
const toKeys = ({ stem, concepts }: Term): string[] => [...concepts.filter((each) => !EXCLUDING.has(each)), stem];
/** Whether the term shows that an FAQ without it is not meant. */
const isExcluding = ({ concepts }: Term): boolean =>
  concepts.length > 0 && concepts.every((concept) => EXCLUDING.has(concept));
const isWeak = ({ concepts }: Term): boolean =>
  concepts.length > 0 && concepts.every((concept) => WEAK_CONCEPTS.has(concept));
const isKnown = ({ concepts }: Term): boolean => concepts.length > 0;

/** Finds the FAQ that answers a question. A word weighs more if few FAQs have it. */
export class FaqIndex<T extends FaqText> {
  private readonly faqs: IndexedFaq<T>[];
  private readonly counts = new Map<string, number>();

  constructor(faqs: readonly T[]) {
    this.faqs = faqs.map((faq) => {
      const question = analyze(faq.question, { allowTypos: false });
      const inQuestion = new Set(question.flatMap(toKeys));
      const inAnswer = new Set(analyze(`${faq.category ?? ''} ${faq.answer}`, { allowTypos: false }).flatMap(toKeys));
      for (const key of inQuestion) this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
      return { faq, question, inQuestion, inAnswer };
    });
  }

  /** @returns the most similar FAQ; null if none is similar enough */
  find(text: string, minSimilarity = MIN_SIMILARITY): T | null {
    // The words that `analyze` leaves out may tell of an illness.
    if (isTooLong(text)) return null;
    const best = this.findMostSimilar(text);
    return best && best.similarity >= minSimilarity ? best.faq : null;
  }

  /** The most similar FAQ, however similar it is; null if it has no word in common. */
  findMostSimilar(text: string): { faq: T; similarity: number } | null {
    const terms = analyze(text);
    let best: { faq: T; similarity: number } | null = null;
    for (const indexed of this.faqs) {
      const similarity = this.similarity(terms, indexed);
      if (similarity > (best?.similarity ?? 0)) best = { faq: indexed.faq, similarity };
    }
    return best;
  }

  private similarity(terms: readonly Term[], { question, inQuestion, inAnswer }: IndexedFaq<T>): number {
    let matched = 0;
    let total = 0;
    const found = new Set<string>();
    for (const term of terms) {
      const keys = toKeys(term);
      const common = keys.filter((key) => inQuestion.has(key));
      for (const key of common) found.add(key);
      const isAnswered = keys.some((key) => inAnswer.has(key));
      // A health question, or one about another subject, never gets an administrative answer.
      if (isExcluding(term) && common.length === 0 && !isAnswered) return 0;
      const weight = this.weight(term) * (common.length === 0 ? this.unmatchedShare(term) : 1);
      total += weight;
      if (common.length > 0) matched += weight;
      else if (isAnswered) matched += weight * ANSWER_SHARE;
    }
    if (found.size === 0 || total === 0) return 0;
    return Math.sqrt((matched / total) * this.coverage(question, found));
  }

  /** The share of the FAQ's question that the text contains. */
  private coverage(question: readonly Term[], found: ReadonlySet<string>): number {
    let matched = 0;
    let total = 0;
    for (const term of question) {
      const weight = this.weight(term) * (isWeak(term) ? WEAK_SHARE : 1);
      total += weight;
      if (toKeys(term).some((key) => found.has(key))) matched += weight;
    }
    return total === 0 ? 0 : matched / total;
  }

  /** How much a term counts against an FAQ that lacks it. */
  private unmatchedShare(term: Term): number {
    if (!isWeak(term)) return 1;
    return toKeys(term).some((key) => this.counts.has(key)) ? UNMATCHED_WEAK_SHARE : WEAK_SHARE;
  }

  private weight(term: Term): number {
    const rarity = Math.min(...toKeys(term).map((key) => this.rarity(key)));
    return Number.isFinite(rarity) ? rarity : isKnown(term) ? 1 : term.isOrdinary ? ORDINARY_WEIGHT : UNKNOWN_WEIGHT;
  }

  /** From MIN_RARITY (every FAQ has it) to almost 1 (one FAQ has it); infinite if none has it. */
  private rarity(key: string): number {
    const count = this.counts.get(key);
    if (count === undefined) return Infinity;
    return MIN_RARITY + (1 - MIN_RARITY) * (1 - Math.log(count) / Math.log(this.faqs.length + 1));
  }
}
