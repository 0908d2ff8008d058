import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { drawErDiagram, ER_DIAGRAM_FILE } from '../../tools/er-diagram/draw.js';
import { createDatabase, dropDatabase } from '../support/app.js';

let database: { name: string; url: string };
let db: pg.Client;

beforeAll(async () => {
  database = await createDatabase(process.env.TEMPLATE_DATABASE);
  db = new pg.Client({ connectionString: database.url });
  await db.connect();
});

afterAll(async () => {
  await db.end();
  await dropDatabase(database.name);
});

it('the diagram is current; if not, run: npm run er-diagram', async () => {
  expect(await readFile(ER_DIAGRAM_FILE, 'utf8')).toBe(await drawErDiagram(db));
});

it('the diagram shows each table of the schema with its columns once', async () => {
  const text = await readFile(ER_DIAGRAM_FILE, 'utf8');
  const { rows } = await db.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migration' ORDER BY 1`,
  );
  const shown = [...text.matchAll(/^ {2}(\w+) \{$/gm)].map(([, name]) => name);
  expect(rows.length).toBeGreaterThan(30);
  expect(shown.sort()).toEqual(rows.map(({ name }) => name));
});

it('the diagram shows an added column, and a foreign key with its table', async () => {
  await db.query('BEGIN; ALTER TABLE faq ADD author_id uuid REFERENCES user_account');
  const text = await drawErDiagram(db);
  await db.query('ROLLBACK');
  expect(text).toContain('    uuid author_id FK "nullable"\n');
  expect(text).toContain('  user_account |o--o{ faq : "author_id"\n');
});
