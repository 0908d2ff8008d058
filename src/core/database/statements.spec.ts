import { expect, it } from '@jest/globals';
import { Statements } from './statements.js';

it('the same text has the same name, another text another one', () => {
  const statements = new Statements();
  const first = statements.prepared('SELECT $1', ['x']);
  const second = statements.prepared('SELECT $1', ['y']);
  expect(second).toEqual({ name: first.name, text: 'SELECT $1', values: ['y'] });
  expect(statements.prepared('SELECT $2', ['x']).name).not.toBe(first.name);
});
