/**
 * Writes docs/er-diagram.md from the migrated schema: `npm run er-diagram`. With `-- --check` it writes nothing and exits non-zero
 * if the file is not current. It migrates a new database, also on the server of DATABASE_URL.
 */

import { readFile, writeFile } from 'node:fs/promises';
import pg from 'pg';
import { migrate } from '../src/migrate.js';
import { drawErDiagram, ER_DIAGRAM_FILE } from './er-diagram/draw.js';
import { startServices } from './services/index.js';
import { Interrupted, untilInterrupted } from './services/interruption.js';
import { createTemporaryDatabase } from './services/temporary-database.js';

const isCheck = process.argv.includes('--check');
const interrupted = untilInterrupted();
const services = await startServices({});
try {
  const database = await createTemporaryDatabase(services.databaseUrl, 'careslot_diagram');
  let text: string;
  try {
    text = await Promise.race([interrupted, draw(database.url)]);
  } finally {
    await database.drop();
  }
  const isCurrent = (await readFile(ER_DIAGRAM_FILE, 'utf8').catch(() => '')) === text;
  if (!isCurrent && !isCheck) await writeFile(ER_DIAGRAM_FILE, text);
  process.exitCode = isCheck && !isCurrent ? 1 : 0;
  process.stdout.write(`${ER_DIAGRAM_FILE}: ${isCurrent ? 'current' : isCheck ? 'not current' : 'written'}\n`);
} catch (error) {
  if (!(error instanceof Interrupted)) throw error;
  process.exitCode = 1;
} finally {
  await services.stop();
}

async function draw(databaseUrl: string): Promise<string> {
  await migrate(databaseUrl);
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  try {
    return await drawErDiagram(db);
  } finally {
    await db.end();
  }
}
