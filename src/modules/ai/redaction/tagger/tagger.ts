import { readFileSync } from 'node:fs';
import { parseModel, predictByBuckets, type LinearModel } from '../../classifier/linear-model.js';
import type { Role } from '../address-roles.js';
import type { Token } from '../tokens.js';
import { TokenFeatures } from './token-features.js';

/** What a token may be part of. */
export const TAGS = ['other', 'name', 'address'] as const;
export type Tag = (typeof TAGS)[number];

let loaded: LinearModel | undefined;

/** The weights that `npm run train:redaction` writes, read once. */
const loadWeights = (): LinearModel =>
  (loaded ??= parseModel(readFileSync(new URL('./tagger-weights.bin', import.meta.url)), TAGS.length));

/** Buckets of a token that are the same whatever was found around it. */
interface TokenBuckets {
  all: readonly number[];
  /** Without the features of the token itself. */
  context: readonly number[];
}

/** Estimates from the words around a token how probably it is part of a name or of an address. */
export class TokenTagger {
  private readonly features: TokenFeatures;
  /** By token: the finders ask for some tokens again and again, and hashing takes the most time. */
  private readonly buckets: TokenBuckets[] = [];

  /**
   * @param weights other weights than the committed ones, to measure them
   * @param roles the parts of the tokens in an address, if they are known
   */
  constructor(
    tokens: readonly Token[],
    private readonly weights: LinearModel = loadWeights(),
    roles?: readonly Role[],
  ) {
    this.features = new TokenFeatures(tokens, roles);
  }

  getProbability(index: number, tag: Tag): number {
    return this.score(this.getBuckets(index).all, tag);
  }

  /** The probability that a token is part of a name or an address of which some tokens were found. */
  getProbabilityBesideFound(index: number, isFound: readonly boolean[], tag: Tag): number {
    return this.score([...this.getBuckets(index).all, ...this.features.getFound(index, isFound, tag)], tag);
  }

  /** The same by the context alone. */
  getProbabilityByFound(index: number, isFound: readonly boolean[], tag: Tag): number {
    return this.score([...this.getBuckets(index).context, ...this.features.getFound(index, isFound, tag)], tag);
  }

  /** The probability by the context alone, as if the token were any word of its kind. */
  getProbabilityByContext(index: number, tag: Tag): number {
    return this.score(this.getBuckets(index).context, tag);
  }

  private getBuckets(index: number): TokenBuckets {
    return (this.buckets[index] ??= this.hashFeatures(index));
  }

  private hashFeatures(index: number): TokenBuckets {
    const context = this.features.getContext(index);
    const verdict = this.features.getVerdict(index);
    return { all: [...context, ...this.features.getOwn(index), ...verdict], context: [...context, ...verdict] };
  }

  private score(buckets: readonly number[], tag: Tag): number {
    return predictByBuckets(buckets, this.weights)[TAGS.indexOf(tag)]!;
  }
}
