import { describe, expect, it } from '@jest/globals';
import { Redactor } from '../redactor.js';
import { tokenize } from '../tokens.js';
import { TokenTagger } from './tagger.js';

const redactor = new Redactor({ names: [], phrases: [] });
const redact = (text: string): string => redactor.redact(text).text;

function getProbability(text: string, word: string, tag: 'name' | 'address'): number {
  const tokens = tokenize(text);
  return new TokenTagger(tokens).getProbability(
    tokens.findIndex((token) => token.text === word),
    tag,
  );
}

describe('a word that may be a name', () => {
  it.each([
    ['i was told that grace can come without appointment', 'that [name] can come'],
    ['can u check if rose left her glasses there', 'if [name] left her glasses'],
    ['she was playing with mark next door', 'with [name] next door'],
    ['المريضة سعاد بنعيسى، السكر 3.2 غرام', 'المريضة [name]، السكر'],
    ['ibrahims head is hot and he is fitting', '[name] head is hot'],
  ])('is replaced by what stands around it: %s', (text, expected) => {
    expect(redact(text)).toContain(expected);
  });

  it.each([
    'the cut left a red mark on my arm',
    'my temperature rose to 39 last night',
    'i hope it will be better in june',
    'the baby has a cough and the grace period is over',
  ])('stays where it is none: %s', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('is a more probable name before a verb of people than after an article', () => {
    const [asName, asWord] = ['i think lily has a fever', 'there is a lily in the garden'].map((text) =>
      getProbability(text, 'lily', 'name'),
    );
    expect(asName).toBeGreaterThan(asWord as number);
  });
});

describe('an address', () => {
  it.each([
    ['she fell in the bathroom at Flat 12B, 48 Garrick Road, Leeds LS8 2PQ', 'she fell in the bathroom at [address]'],
    ['C-12, second floor, Laxmi Nagar, near metro pillar 38, papa ko bukhar hai', '[address], papa ko bukhar hai'],
    ['Orchard End, 5 Vicarage Road, Much Wenlock TF13 6AA', '[address]'],
    ['वार्ड 4, नई बस्ती, इमली के पेड़ के पास, उरई', '[address]'],
  ])('is replaced from its first to its last word: %s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each(['I walked on the road for 2 hours', 'the block in my heart, degree 2', 'عندي ألم في الطابق السفلي من ظهري'])(
    'is not seen in an ordinary sentence: %s',
    (text) => {
      expect(redact(text)).toBe(text);
    },
  );
});
