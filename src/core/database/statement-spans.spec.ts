import { describe, expect, it } from '@jest/globals';
import { describeStatement } from './statement-spans.js';

describe('the span of a statement', () => {
  it.each([
    ['SELECT 1 AS one', 'SELECT'],
    ['SELECT id FROM user_account WHERE email = $1 FOR UPDATE', 'SELECT user_account'],
    ['SELECT "Favorite"."id" FROM "favorite" "Favorite" WHERE id = $1', 'SELECT favorite'],
    [
      'SELECT n FROM unnest($1::text[]) AS n JOIN x ON true WHERE EXISTS (SELECT FROM notification)',
      'SELECT notification',
    ],
    ['INSERT INTO favorite (id) VALUES ($1)', 'INSERT favorite'],
    ['WITH due AS (SELECT id FROM notification) UPDATE notification n SET state = $1 FROM due', 'UPDATE notification'],
    ['UPDATE "session" SET "ended_at" = $1', 'UPDATE session'],
    ['DELETE FROM hold WHERE id = $1', 'DELETE hold'],
    ['WITH gone AS (DELETE FROM hold RETURNING id) INSERT INTO audit_log SELECT FROM gone', 'INSERT audit_log'],
    ['SAVEPOINT attempt', 'SAVEPOINT'],
  ])('has the verb and the table of %s', (text, title) => {
    expect(describeStatement(text).title).toBe(title);
  });

  it('has nothing of the literals and comments of a text', () => {
    const { title, attributes } = describeStatement(
      "SELECT 'of it''s from mona' AS name, $1 -- INSERT INTO hassan\nFROM client",
    );
    expect([title, attributes]).toEqual([
      'SELECT client',
      { 'db.system.name': 'postgresql', 'db.operation.name': 'SELECT', 'db.collection.name': 'client' },
    ]);
  });
});
