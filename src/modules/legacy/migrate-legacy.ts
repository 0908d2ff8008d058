import { rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { isISO4217CurrencyCode } from 'class-validator';
import { DomainError, invalid } from '../../core/kernel/domain-error.js';
import { isId } from '../../core/kernel/id.js';
import { LegacyMigrationService, type OnBatch } from './legacy-migration.service.js';
import { LegacyRollbackService } from './legacy-rollback.service.js';
import { toMigrationText } from './migration-report.js';
import type { MigrationOptions } from './migration-run.js';
import { toRollbackText } from './rollback-text.js';
import { toReason } from './row-migrator.js';
import { RunPreparation } from './run-preparation.js';
import { REPORT_NAME } from './sources/json-files.js';
import { SOURCE_NAMES, type SourceName } from './sources/source.js';

const USAGE = `Usage: node dist/src/migrate-legacy.js --from DIR --as ADMIN_EMAIL (--clinic ID | --create-clinic NAME) [options]
       node dist/src/migrate-legacy.js --rollback --as ADMIN_EMAIL --source NAME
  --zone Africa/Cairo     the zone of local times (default: the clinic's, or UTC)
  --country EG            the country of telephone numbers without a country code (default: the clinic's)
  --currency EGP          for prices without a currency (default: EGP)
  --locale ar             the language of people without one (default: the clinic's)
  --source NAME           ${SOURCE_NAMES.join(', ')} (default: recognised by the files)
  --source-name NAME      the name of this installation, if there are several of one system
  --files DIR             the folder of the uploaded files (default: the folder of the data)
  --doctor-accounts       users with the role of a doctor sign in as the doctor with their address
  --report FILE           where to write the report; FILE.txt has it as text (default: ${REPORT_NAME}.json)
  --dry-run               writes nothing, except the report`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;

/** Only the owner of the file may read it: ids and reasons tell who is a patient. The mode only applies to a new file. */
async function writePrivately(file: string, content: string): Promise<void> {
  await rm(file, { force: true });
  await writeFile(file, content, { mode: 0o600, flag: 'wx' });
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        from: text,
        as: text,
        clinic: text,
        'create-clinic': text,
        zone: text,
        country: text,
        currency: { ...text, default: 'EGP' },
        locale: text,
        source: text,
        'source-name': text,
        files: text,
        report: { ...text, default: `${REPORT_NAME}.json` },
        'doctor-accounts': flag,
        'dry-run': flag,
        rollback: flag,
      },
    });
    return values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`, { cause: error });
  }
}

type Values = ReturnType<typeof parse>;

function toOptions(values: Values): MigrationOptions {
  const { from, as, clinic, source } = values;
  const name = values['create-clinic'];
  if (!from || !as || (clinic === undefined) === (name === undefined)) throw new Error(USAGE);
  if (clinic !== undefined && !isId(clinic)) throw invalid({ field: '--clinic', error: 'must be the id of a clinic' });
  if (!isISO4217CurrencyCode(values.currency))
    throw invalid({ field: '--currency', error: 'must be a code of ISO 4217' });
  return {
    from,
    as,
    clinic: clinic === undefined ? { name: name as string } : { id: clinic },
    source: source === undefined ? null : toSource(source),
    sourceName: values['source-name'] ?? null,
    zone: values.zone ?? null,
    country: values.country?.toUpperCase() ?? null,
    currency: values.currency,
    locale: values.locale ?? null,
    files: values.files ?? null,
    linksDoctors: values['doctor-accounts'],
    isDryRun: values['dry-run'],
  };
}

function toSource(name: string): SourceName {
  const source = SOURCE_NAMES.find((known) => known === name);
  if (!source) throw invalid({ field: '--source', error: `must be one of ${SOURCE_NAMES.join(', ')}` });
  return source;
}

/**
 * The command that migrates from another system, or removes what it migrated. Writes the report to two files.
 * @returns what to print: the report as text
 */
export async function migrateLegacy(
  app: INestApplicationContext,
  args: readonly string[],
  onBatch?: OnBatch,
): Promise<string> {
  const values = parse(args);
  const { report, content } = values.rollback ? await rollBack(app, values) : await migrate(app, values, onBatch);
  await writePrivately(values.report, `${JSON.stringify(report, null, 2)}\n`);
  await writePrivately(`${values.report.replace(/\.json$/, '')}.txt`, content);
  return content;
}

interface Reported {
  report: object;
  content: string;
}

async function migrate(app: INestApplicationContext, values: Values, onBatch?: OnBatch): Promise<Reported> {
  const report = await app.get(LegacyMigrationService, { strict: false }).run(toOptions(values), onBatch);
  return { report, content: toMigrationText(report) };
}

async function rollBack(app: INestApplicationContext, values: Values): Promise<Reported> {
  const source = values['source-name'] ?? values.source;
  if (!values.as || !source || values['dry-run']) throw new Error(USAGE);
  const actor = await app.get(RunPreparation, { strict: false }).findActor(values.as);
  const report = await app.get(LegacyRollbackService, { strict: false }).run(actor, source);
  return { report, content: toRollbackText(report) };
}

/** What to print for an error. */
export const toErrorText = (error: Error): string => (error instanceof DomainError ? toReason(error) : error.message);
