import { readFileSync } from 'node:fs';
import { parseModel, predictByBuckets, type LinearModel } from '../../classifier/linear-model.js';
import type { Token } from '../tokens.js';
import { TokenFeatures } from './token-features.js';

/** What a token may be part of. */
export const TAGS = ['other', 'name', 'address'] as const;
export type Tag = (typeof TAGS)[number];

let loaded: LinearModel | undefined;

/** The weights that `npm run train:redaction` writes, read once. */
const loadWeights = (): LinearModel =>
  (loaded ??= parseModel(readFileSync(new URL('./tagger-weights.bin', import.meta.url)), TAGS.length));

/** Estimates from the words around a token how probably it is part of a name or of an address. */
export class TokenTagger {
  private readonly features: TokenFeatures;

  /** @param weights other weights than the committed ones, to measure them */
  constructor(
    tokens: readonly Token[],
    private readonly weights: LinearModel = loadWeights(),
  ) {
    this.features = new TokenFeatures(tokens);
  }

  getProbability(index: number, tag: Tag): number {
    return this.score(this.getAll(index), tag);
  }

  /** The probability that a token is part of a name or an address of which some tokens were found. */
  getProbabilityBesideFound(index: number, isFound: readonly boolean[], tag: Tag): number {
    return this.score([...this.getAll(index), ...this.features.getFound(index, isFound, tag)], tag);
  }

  /** The same by the context alone. */
  getProbabilityByFound(index: number, isFound: readonly boolean[], tag: Tag): number {
    const { features } = this;
    const context = [...features.getContext(index), ...features.getVerdict(index)];
    return this.score([...context, ...features.getFound(index, isFound, tag)], tag);
  }

  /** The probability by the context alone, as if the token were any word of its kind. */
  getProbabilityByContext(index: number, tag: Tag): number {
    return this.score([...this.features.getContext(index), ...this.features.getVerdict(index)], tag);
  }

  private getAll(index: number): number[] {
    const { features } = this;
    return [...features.getContext(index), ...features.getOwn(index), ...features.getVerdict(index)];
  }

  private score(buckets: readonly number[], tag: Tag): number {
    return predictByBuckets(buckets, this.weights)[TAGS.indexOf(tag)]!;
  }
}
