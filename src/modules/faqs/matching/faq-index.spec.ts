import { describe, expect, it } from '@jest/globals';
import { measureFaqs, readFaqLines } from '../../../../tools/assistant/measure-faqs.js';
import { FaqIndex } from './faq-index.js';

const VISIT = { topic: 'video-visits', question: 'How does a video visit work?', answer: 'Join at its time.' };
const LIFT = { topic: 'lift', question: 'Is there a lift?', answer: 'Yes, to every floor.' };
const INDEX = new FaqIndex([VISIT, LIFT]);

describe('FaqIndex', () => {
  it.each([
    ['do you do video consultations', 'video-visits'],
    ['do you have an elevetor', 'lift'],
    ['do you have an elevator', 'lift'],
    ['क्या लिफ्ट है', 'lift'],
    ['فيه اسانسير', 'lift'],
    ['is there by any chance a lift in this splendid house', 'lift'],
    ['fih asanseer 3andkom', 'lift'],
  ])('answers a question in other words: %s', (text, topic) => {
    expect(INDEX.find(text)?.topic).toBe(topic);
  });

  it.each([
    "my husband's hand just doesn't work now",
    'I saw a video visit about strokes and my arm is weak',
    'video of my knee operation',
    'my son fell from the lift',
    'is there a zeppelin or a lift',
    'a lift after my appendicitis',
    '',
    '???',
  ])('does not answer what no FAQ is about: %s', (text) => {
    expect(INDEX.find(text)).toBeNull();
  });

  it('answers about a medical word that the FAQ has', () => {
    const faq = { question: 'Where do I get a fever chart?', answer: 'At the front desk.' };
    expect(new FaqIndex([faq, LIFT]).find('i need a fever chart')).toBe(faq);
    expect(new FaqIndex([faq, LIFT]).find('i have a fever and a rash')).toBeNull();
  });

  it.each([60, 130])('reads what follows %d words', (count) => {
    const text = `is there a lift ${'please '.repeat(count)} my chest hurts`;
    expect(INDEX.find(text)).toBeNull();
  });

  it('finds nothing without FAQs', () => {
    expect(new FaqIndex([]).find('do you have a lift')).toBeNull();
  });
});

describe('precision and recall do not fall below their floors', () => {
  it.each([
    ['pairs.jsonl', 'en', 0.98, 0.97],
    ['pairs.jsonl', 'ar', 0.97, 0.97],
    ['pairs.jsonl', 'hi', 0.98, 0.98],
    ['second-author.jsonl', 'en', 0.98, 0.9],
    ['second-author.jsonl', 'ar', 0.95, 0.79],
    ['second-author.jsonl', 'hi', 0.98, 0.9],
    // Nobody who worked on the matching has read these. The target of 90 % precision is not reached.
    ['reserved.jsonl', 'en', 0.89, 0.81],
    ['reserved.jsonl', 'ar', 0.8, 0.46],
    ['reserved.jsonl', 'hi', 0.8, 0.63],
  ])('%s, %s', (file, lang, minPrecision, minRecall) => {
    const { precision, recall } = measureFaqs(readFaqLines(file))[lang] ?? { precision: 0, recall: 0 };
    expect(precision).toBeGreaterThanOrEqual(minPrecision);
    expect(recall).toBeGreaterThanOrEqual(minRecall);
  });
});
