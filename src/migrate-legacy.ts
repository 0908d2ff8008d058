import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { loadConfig } from './core/config/config.js';
import { createLogger, NestLogger } from './core/logging/logger.js';
import { migrateLegacy, toErrorText } from './modules/legacy/index.js';

/** The rows of a kind after which the progress is shown. */
const ROWS_BETWEEN = 1_000;

/** Writes to stderr how far a long migration is. */
function showProgress(): (kind: string, rows: number) => void {
  const counts = new Map<string, number>();
  return (kind, rows) => {
    const before = counts.get(kind) ?? 0;
    const after = before + rows;
    counts.set(kind, after);
    const passed = Math.floor(after / ROWS_BETWEEN);
    if (passed > Math.floor(before / ROWS_BETWEEN)) process.stderr.write(`${kind}: ${passed * ROWS_BETWEEN} rows\n`);
  };
}

/** Migrates from another system (docs/migration.md), with the settings of the API and without running jobs. */
async function run(args: string[]): Promise<void> {
  const config = { ...loadConfig(), JOBS_IN_PROCESS: false };
  const app = await NestFactory.createApplicationContext(AppModule.forRoot(config), {
    logger: new NestLogger(createLogger('warn')),
    abortOnError: false,
  });
  try {
    process.stdout.write(await migrateLegacy(app, args, showProgress()));
  } finally {
    await app.close();
  }
}

try {
  await run(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? toErrorText(error) : String(error)}\n`);
  process.exit(1);
}
