import { describe, expect, it } from '@jest/globals';
import { Statements } from './statements.js';

const A = (value: string) => ({ text: 'INSERT INTO a VALUES ($1)', values: [value] });
const B = (...values: string[]) => ({ text: 'INSERT INTO b VALUES ($1, $2)', values });

describe('Statements', () => {
  it('gives the same text the same name', () => {
    const statements = new Statements();
    expect(statements.prepared(A('x')).name).toBe(statements.prepared(A('y')).name);
    expect(statements.prepared(A('x')).name).not.toBe(statements.prepared(B('x', 'y')).name);
  });

  it('makes one statement of different writes, the parameters numbered through', () => {
    const [one, ...none] = new Statements().together([B('1', '2'), A('3')]);
    expect(none).toEqual([]);
    expect(one).toMatchObject({
      text: 'WITH write_0 AS (INSERT INTO b VALUES ($1, $2)) INSERT INTO a VALUES ($3)',
      values: ['1', '2', '3'],
    });
  });

  it('keeps writes of the same text apart and in order', () => {
    const statements = new Statements().together([A('1'), B('2', '3'), A('4'), B('5', '6')]);
    expect(statements.map(({ values }) => values)).toEqual([
      ['1', '2', '3'],
      ['4', '5', '6'],
    ]);
    expect(new Set(statements.map(({ name }) => name)).size).toBe(1);
  });

  it('leaves one write as it is', () => {
    expect(new Statements().together([A('1')])).toMatchObject([A('1')]);
    expect(new Statements().together([])).toEqual([]);
  });
});
