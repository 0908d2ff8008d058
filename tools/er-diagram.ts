import { readFile, writeFile } from 'node:fs/promises';
import pg from 'pg';
import { migrate } from '../src/migrate.js';
import { drawErDiagram, ER_DIAGRAM_FILE } from './er-diagram/draw.js';
import { startServices } from './services/index.js';

/** Writes docs/er-diagram.md from a freshly migrated schema: `npm run er-diagram`. */
const services = await startServices({});
try {
  await migrate(services.databaseUrl);
  const db = new pg.Client({ connectionString: services.databaseUrl });
  await db.connect();
  const text = await drawErDiagram(db).finally(() => db.end());
  const isCurrent = (await readFile(ER_DIAGRAM_FILE, 'utf8').catch(() => '')) === text;
  await writeFile(ER_DIAGRAM_FILE, text);
  process.stdout.write(`${ER_DIAGRAM_FILE} ${isCurrent ? 'was current' : 'is written'}\n`);
} finally {
  await services.stop();
}
