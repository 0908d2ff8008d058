import { ormconfig } from '../ormconfig.js';
import { loadConfig } from './core/config/config.js';
import { withDataSource } from './core/database/data-source.js';
import { Database } from './core/database/database.js';
import { FieldEncryption } from './core/encryption/field-encryption.js';
import { rotateColumn } from './core/encryption/key-rotation.js';
import { printError } from './core/logging/print-error.js';
import { ENCRYPTED_COLUMNS } from './encrypted-columns.js';

/** Encrypts all values with the first key of FIELD_ENCRYPTION_KEYS (docs/encryption.md). @returns whether all are encrypted with it now */
async function run(): Promise<boolean> {
  const config = loadConfig();
  const encryption = new FieldEncryption(config);
  return withDataSource(ormconfig, config.DATABASE_URL, async (dataSource) => {
    const db = new Database(dataSource);
    let isComplete = true;
    for (const column of ENCRYPTED_COLUMNS) {
      const { rotated, skipped, unreadable } = await rotateColumn(db, encryption, column);
      process.stdout.write(
        `${column.table}.${column.column}: ${rotated} rotated, ${skipped} changed meanwhile, ${unreadable} unreadable\n`,
      );
      if (skipped > 0 || unreadable > 0) isComplete = false;
    }
    return isComplete;
  });
}

try {
  if (!(await run())) process.exitCode = 1;
} catch (error) {
  printError(error);
  process.exitCode = 2;
}
