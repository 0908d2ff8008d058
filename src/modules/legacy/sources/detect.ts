import { stat } from 'node:fs/promises';
import { invalid } from '../../../core/kernel/domain-error.js';
import { CalcomSource } from './calcom.source.js';
import { EasyAppointmentsSource } from './easyappointments.source.js';
import { listFiles, listJsonFiles, readHead } from './json-files.js';
import { mongoSource } from './mongo.source.js';
import { neuroaidSource } from './neuroaid.source.js';
import { PostgresSource } from './postgres.source.js';
import type { LegacySource, SourceName } from './source.js';

const SQL_EXTENSIONS = new Set(['.sql']);

/**
 * Opens the data in a folder. The system is recognised by its files, unless it is given.
 * @throws DomainError VALIDATION_ERROR
 */
export async function openSource(folder: string, given: SourceName | null): Promise<LegacySource> {
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw invalid({ field: '--from', error: 'must be a folder' });
  const dumps = await listFiles(folder, SQL_EXTENSIONS);
  const files = await listJsonFiles(folder);
  const name = given ?? (await detect(dumps, files));
  switch (name) {
    case 'neuroaid':
      return neuroaidSource(files);
    case 'mongodb':
      return mongoSource(files);
    case 'postgresql':
      return new PostgresSource(dumps);
    case 'calcom':
      return new CalcomSource(files);
    case 'easyappointments':
      return new EasyAppointmentsSource(files);
  }
}

async function detect(dumps: readonly string[], files: readonly string[]): Promise<SourceName> {
  const found = new Set<SourceName>(dumps.length > 0 ? ['postgresql'] : []);
  if (files.length > 0) found.add(await detectJson(files));
  const [name, ...others] = found;
  if (name === undefined) throw invalid({ field: '--from', error: 'has no file of a known system' });
  if (others.length > 0) {
    throw invalid({ field: '--from', error: `has files of ${[...found].join(' and ')}: choose one with --source` });
  }
  return name;
}

/** Fields that only one of the systems writes. */
const SYSTEM_FIELDS: readonly [SourceName, RegExp][] = [
  ['mongodb', /"\$(?:oid|date|numberInt|numberLong|numberDouble)"\s*:/],
  ['calcom', /"(?:eventTypeId|lengthInMinutes)"\s*:/],
  ['easyappointments', /"(?:providerId|attendantsNumber|workingPlan|customerId)"\s*:/],
];

async function detectJson(files: readonly string[]): Promise<SourceName> {
  const heads: string[] = [];
  for (const file of files) heads.push(await readHead(file));
  return SYSTEM_FIELDS.find(([, field]) => heads.some((head) => field.test(head)))?.[0] ?? 'neuroaid';
}
