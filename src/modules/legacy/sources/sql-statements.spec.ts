import { describe, expect, it } from '@jest/globals';
import { isStatementComplete, parseCreateTable, parseInsert } from './sql-statements.js';

describe('a statement of a dump', () => {
  it.each([
    ["INSERT INTO t VALUES (1, 'a');", true],
    ["INSERT INTO t VALUES (1, 'a;", false],
    ["INSERT INTO t VALUES (1, 'it''s;');", true],
    ["INSERT INTO t VALUES (1, E'a\\'b;", false],
    ["INSERT INTO t VALUES (1, E'a\\'b;');", true],
    ['CREATE TABLE "a;b" (', false],
    ['CREATE TABLE t (\n  id integer\n);  ', true],
  ])('ends with a semicolon outside of texts: %s', (text, isComplete) => {
    expect(isStatementComplete(text)).toBe(isComplete);
  });

  it('names the columns of a table without its constraints', () => {
    const text = `CREATE TABLE public."Users" (
    id integer DEFAULT nextval('s'::regclass) NOT NULL,
    "full name" character varying(80),
    primary_color text,
    price numeric(10,2),
    CONSTRAINT positive CHECK ((price > (0)::numeric)),
    PRIMARY KEY (id)
);`;
    expect(parseCreateTable(text)).toEqual({
      table: 'public."Users"',
      columns: ['id', '"full name"', 'primary_color', 'price'],
    });
    expect(parseCreateTable('CREATE TABLE AS SELECT 1;')).toBeNull();
  });

  it('inserts rows of texts, numbers, booleans and nulls', () => {
    const text = `INSERT INTO public.t (id, "order", note) OVERRIDING SYSTEM VALUE VALUES
      (1, NULL, 'a (b), c'), (-2.5e3, true, E'tab\\tand \\\\'), (3, 'x'::text, '{"a": 1}'::jsonb);`;
    expect(parseInsert(text)).toEqual({
      table: 'public.t',
      columns: ['id', ' "order"', ' note'],
      rows: [
        ['1', null, 'a (b), c'],
        ['-2.5e3', 'true', 'tab\tand \\'],
        ['3', 'x', '{"a": 1}'],
      ],
    });
    expect(parseInsert('INSERT INTO t SELECT 1;')).toBeNull();
  });
});
