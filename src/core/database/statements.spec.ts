import { expect, it } from '@jest/globals';
import { prepared } from './statements.js';

it('gives a prepared statement the same name for the same text, and another name for another text', () => {
  const first = prepared('SELECT $1', ['x']);
  expect(prepared('SELECT $1', ['y'])).toEqual({ name: first.name, text: 'SELECT $1', values: ['y'] });
  expect(prepared('SELECT $2', ['x']).name).not.toBe(first.name);
});
