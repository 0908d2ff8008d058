import { readFile, writeFile } from 'node:fs/promises';
import pg from 'pg';
import { migrate } from '../src/migrate.js';
import { drawErDiagram, ER_DIAGRAM_FILE } from './er-diagram/draw.js';
import { startServices } from './services/index.js';

/**
 * Writes docs/er-diagram.md from the migrated schema: `npm run er-diagram`. With `-- --check` it writes nothing and exits non-zero
 * if the file is not current.
 */
const isCheck = process.argv.includes('--check');
const services = await startServices({});
try {
  await migrate(services.databaseUrl);
  const db = new pg.Client({ connectionString: services.databaseUrl });
  await db.connect();
  const text = await drawErDiagram(db).finally(() => db.end());
  const isCurrent = (await readFile(ER_DIAGRAM_FILE, 'utf8').catch(() => '')) === text;
  if (!isCurrent && !isCheck) await writeFile(ER_DIAGRAM_FILE, text);
  process.exitCode = isCheck && !isCurrent ? 1 : 0;
  process.stdout.write(`${ER_DIAGRAM_FILE}: ${isCurrent ? 'current' : isCheck ? 'not current' : 'written'}\n`);
} finally {
  await services.stop();
}
