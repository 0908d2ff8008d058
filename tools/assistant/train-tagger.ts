import type { LinearModel } from '../../src/modules/ai/classifier/linear-model.js';
import { AddressFinder } from '../../src/modules/ai/redaction/addresses.js';
import { NameFinder } from '../../src/modules/ai/redaction/names.js';
import { withPlainDigits } from '../../src/modules/ai/redaction/plain-digits.js';
import { Redactor } from '../../src/modules/ai/redaction/redactor.js';
import { TAGS, type Tag } from '../../src/modules/ai/redaction/tagger/tagger.js';
import { TAGGER_BUCKETS, TokenFeatures } from '../../src/modules/ai/redaction/tagger/token-features.js';
import { tokenize, type Span, type Token } from '../../src/modules/ai/redaction/tokens.js';
import { averageModels, LinearTrainer, type TrainingExample } from './linear-trainer.js';
import { isGeneric, type PlantedMessage, type Secret } from './measure-redaction.js';
import { Random } from './random.js';

/** One model is trained with each; their average is used. */
const SEEDS = [20_261_130, 20_261_131, 20_261_132, 20_261_133, 20_261_134] as const;
const EPOCHS = 4;
/** Each fifth message without planted data is used. */
const ORDINARY_STEP = 5;
/** The share of the ordinary words that are also learnt by their context alone. */
const CONTEXT_SHARE = 0.3;
/** The share of the words of the vocabulary that is used of messages without planted data: most of them teach nothing new. */
const KNOWN_WORD_SHARE = 0.5;
const CONTEXT_WEIGHT = 0.7;
/** How many random parts of each address are learnt. */
const PARTIAL_DRAWS = 3;
const GROWTH_WEIGHT = 0.5;
/** What the vocabulary may have about a part of a name. */
const DOUBTFUL_VERDICTS = ['both', 'similar', 'possible', 'derived'] as const;
const GROWTH_DISTANCE = 6;
const TAG_OF_KIND: Readonly<Record<string, Tag>> = { NAME: 'name', ADDRESS: 'address' };

/** With these weights, the tagger changes nothing that the rules find: names are improbable, and addresses neither certain nor excluded. */
const UNTRAINED: LinearModel = {
  ...new LinearTrainer(TAGS.length, TAGGER_BUCKETS).toModel(),
  biases: Float32Array.of(0, -10, -2),
};
const redactor = new Redactor({ names: [], phrases: [] }, UNTRAINED);
const toStage = (text: string): string => redactor.replaceNumbers(text, (kind) => `[${kind}]`);

/**
 * Trains the tagger with messages whose names and addresses are known, and with messages that have next to none. The same messages
 * give the same weights, bit for bit.
 */
export const trainTagger = (planted: readonly PlantedMessage[], ordinary: readonly string[]): LinearModel =>
  averageModels(SEEDS.map((seed) => trainOnce(planted, ordinary, new Random(seed))));

function trainOnce(planted: readonly PlantedMessage[], ordinary: readonly string[], random: Random): LinearModel {
  const examples = [
    ...planted.flatMap(({ text, secrets }) => toPlantedExamples(text, secrets, random)),
    ...ordinary
      .filter((_, index) => index % ORDINARY_STEP === 0)
      .flatMap((text) => toOrdinaryExamples(tokenize(toStage(text)), random)),
  ];
  return new LinearTrainer(TAGS.length, TAGGER_BUCKETS).train(examples, EPOCHS, random);
}

/** A message is used as the finder of addresses sees it, and as the finder of names sees it: without its addresses. */
function toPlantedExamples(text: string, secrets: readonly Secret[], random: Random): TrainingExample[] {
  const stage = toStage(text);
  const addresses = secrets.filter(({ kind }) => kind === 'ADDRESS');
  const withoutAddresses = addresses.reduce(
    (rest, { value }) => rest.split(withPlainDigits(value)).join('[address]'),
    stage,
  );
  return [...new Set([stage, withoutAddresses])].flatMap((each) => {
    const tokens = tokenize(each);
    const tags = getTags(each, tokens, secrets);
    return [...toExamples(tokens, tags, random), ...toGrowthExamples(tokens, tags, random)];
  });
}

/** Names and addresses of which only a part was found: as the rules find the addresses, and with random parts left out. */
function toGrowthExamples(
  tokens: readonly Token[],
  tags: readonly (Tag | undefined)[],
  random: Random,
): TrainingExample[] {
  const isByRule = toFlags(tokens, new AddressFinder(tokens, UNTRAINED).find());
  const draw = (tag: Tag): boolean[][] =>
    Array.from({ length: tags.includes(tag) ? PARTIAL_DRAWS : 0 }, () => shrink(tags, tag, random));
  const features = new TokenFeatures(tokens);
  const toExamplesBeside = (isFound: readonly boolean[], tag: Tag, distance: number): TrainingExample[] => {
    if (!isFound.includes(true)) return [];
    return tags.flatMap((own, index) => {
      const isNear = isFound.slice(Math.max(0, index - distance), index + distance + 1).includes(true);
      if (own === undefined || !isNear) return [];
      const toExample = (...buckets: number[][]): TrainingExample => ({
        buckets: Int32Array.from(buckets.flat()),
        label: TAGS.indexOf(own),
        weight: GROWTH_WEIGHT,
      });
      const [context, found] = [features.getContext(index), features.getFound(index, isFound, tag)];
      const whole = toExample(context, features.getOwn(index), features.getVerdict(index), found);
      if (tag === 'address') return [whole];
      const verdict = own === 'name' ? random.pick(DOUBTFUL_VERDICTS) : undefined;
      return [whole, toExample(context, features.getVerdict(index, verdict), found)];
    });
  };
  return [
    ...[isByRule, ...draw('address')].flatMap((isFound) => toExamplesBeside(isFound, 'address', GROWTH_DISTANCE)),
    ...draw('name').flatMap((isFound) => toExamplesBeside(isFound, 'name', 1)),
  ];
}

/** A random part of each name or address. */
function shrink(tags: readonly (Tag | undefined)[], tag: Tag, random: Random): boolean[] {
  const isFound = tags.map(() => false);
  for (let from = 0; from < tags.length; from += 1) {
    let to = from;
    while (to < tags.length && tags[to] === tag) to += 1;
    if (to === from) continue;
    const start = from + random.below(Math.ceil((to - from) / 2));
    isFound.fill(true, start, to - random.below(to - start));
    from = to;
  }
  return isFound;
}

function toFlags(tokens: readonly Token[], spans: readonly Span[]): boolean[] {
  const flags = tokens.map(() => false);
  for (const { from, to } of spans) flags.fill(true, from, to);
  return flags;
}

/** Words that the rules would replace are left out: they may be names of the few that such messages have. */
function toOrdinaryExamples(tokens: readonly Token[], random: Random): TrainingExample[] {
  const tags: (Tag | undefined)[] = tokens.map(({ kind }) => (kind === 'placeholder' ? undefined : 'other'));
  for (const finder of [new AddressFinder(tokens, UNTRAINED), new NameFinder(tokens, UNTRAINED)])
    for (const { from, to } of finder.find()) tags.fill(undefined, from, to);
  const isUsed = tokens.map(() => random.next() < KNOWN_WORD_SHARE);
  return toExamples(
    tokens,
    tags.map((tag, index) => (isUsed[index] ? tag : undefined)),
    random,
  );
}

/** The tags of the tokens. A token without a tag is not learnt: a placeholder, or a title beside a name. */
function getTags(text: string, tokens: readonly Token[], secrets: readonly Secret[]): (Tag | undefined)[] {
  const tags: (Tag | undefined)[] = tokens.map(({ kind }) => (kind === 'placeholder' ? undefined : 'other'));
  for (const { kind, value } of secrets) {
    const tag = TAG_OF_KIND[kind];
    if (tag === undefined) continue;
    const isInside = toInsideTest(text, withPlainDigits(value));
    tokens.forEach((token, index) => {
      if (tags[index] === undefined || !isInside(token)) return;
      tags[index] = tag === 'name' && isGeneric(token.text, kind) ? undefined : tag;
    });
  }
  return tags;
}

/** Whether a token is a part of the value. If a part of the value is a placeholder already, its other words are. */
function toInsideTest(text: string, value: string): (token: Token) => boolean {
  const starts = [...findAll(text, value)];
  if (starts.length === 0) {
    const words = new Set(tokenize(value).map((token) => token.text));
    return ({ text: word }) => words.has(word);
  }
  return ({ start, end }) => starts.some((at) => start >= at && end <= at + value.length);
}

function* findAll(text: string, value: string): Generator<number> {
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) yield at;
}

/** Each token with all features, each name also as a word that could be an ordinary one, and some ordinary words by their context. */
function toExamples(tokens: readonly Token[], tags: readonly (Tag | undefined)[], random: Random): TrainingExample[] {
  const features = new TokenFeatures(tokens);
  return tags.flatMap((tag, index) => {
    if (tag === undefined) return [];
    const context = features.getContext(index);
    const verdict = features.getVerdict(index);
    const toExample = (weight: number, ...buckets: number[][]): TrainingExample => ({
      buckets: Int32Array.from(buckets.flat()),
      label: TAGS.indexOf(tag),
      weight,
    });
    const whole = toExample(1, context, features.getOwn(index), verdict);
    if (tag === 'name') return [whole, toExample(CONTEXT_WEIGHT, context, features.getVerdict(index, 'both'))];
    return random.next() < CONTEXT_SHARE ? [whole, toExample(1, context, verdict)] : [whole];
  });
}
