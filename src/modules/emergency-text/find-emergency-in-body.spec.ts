import { expect, it } from '@jest/globals';
import { findEmergencyInBody } from './find-emergency-in-body.js';

const search = (text: string) => findEmergencyInBody(undefined, text, 0);

it('finds a red flag in the text of a body that could not be parsed, in the language of its words', () => {
  expect(search('{"message":"my chest hurts"')).toEqual({ kind: 'RED_FLAG', flag: 'CHEST_PAIN', language: 'en' });
  const escaped = '{"message":"\\u0623\\u0644\\u0645 \\u0641\\u064a \\u0627\\u0644\\u0635\\u062f\\u0631"';
  expect(search(escaped)).toEqual({ kind: 'RED_FLAG', flag: 'CHEST_PAIN', language: 'ar' });
});

it('finds nothing in a body without a red flag or a stroke sign', () => {
  expect([search(''), search('{"message":"When do you open?"')]).toEqual([null, null]);
});
