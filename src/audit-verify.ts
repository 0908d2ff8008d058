import { readFile } from 'node:fs/promises';
import { loadMigrationConfig } from './core/config/database-config.js';
import { WITHOUT_ENTITIES, withDataSource } from './core/database/data-source.js';
import { Database } from './core/database/database.js';
import { printError } from './core/logging/print-error.js';
import { AuditLinksRepository } from './modules/audit/audit-links.repository.js';
import { AuditVerifierService, type Anchor } from './modules/audit/audit-verifier.service.js';

const USAGE = 'Usage: node dist/src/audit-verify.js [--heads] [--anchors <file>]';

const ANCHOR = /^[0-9a-f-]{36} \d{4}-\d\d-\d\d \d{1,15} [0-9a-f]{64}$/;

/** A line of `--heads`: clinic, day, position and hash. */
function readAnchor(line: string): Anchor {
  const [clinicId = '', day = '', position = '', hash = ''] = line.trim().split(/\s+/);
  if (!ANCHOR.test(`${clinicId} ${day} ${position} ${hash}`)) {
    throw new Error(`Not an anchor: ${line.slice(0, 200)}`);
  }
  return { clinicId, day, position: Number(position), hash };
}

const readAnchors = async (file: string): Promise<Anchor[]> =>
  (await readFile(file, 'utf8'))
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(readAnchor);

/** Prints the result. @returns whether all chains are intact */
async function run(args: string[]): Promise<boolean> {
  const [first, file, ...rest] = args.filter((argument) => argument !== '--heads');
  const isValid = first === undefined || (first === '--anchors' && file && rest.length === 0);
  if (!isValid) throw new Error(USAGE);
  const anchors = file ? await readAnchors(file) : [];
  const onHead = ({ clinicId, day, position, hash }: Anchor): void => {
    if (args.includes('--heads')) process.stdout.write(`${clinicId} ${day} ${position} ${hash}\n`);
  };
  const result = await withDataSource(WITHOUT_ENTITIES, loadMigrationConfig().DATABASE_URL, (dataSource) =>
    new AuditVerifierService(new AuditLinksRepository(new Database(dataSource))).verify({ anchors, onHead }),
  );
  for (const { clinicId, day, position, auditId, reason } of result.broken) {
    process.stderr.write(`Broken: clinic ${clinicId}, ${day}, link ${position}, row ${auditId ?? 'none'}: ${reason}\n`);
  }
  const { chains, linkedRows, archivedRows, unlinkedRows, brokenChains } = result;
  const archived = archivedRows > 0 ? ` (${archivedRows} of archived months)` : '';
  process.stderr.write(
    `${chains} chains, ${linkedRows} linked rows${archived}, ${unlinkedRows} not linked, ${brokenChains} broken\n`,
  );
  return brokenChains === 0;
}

try {
  if (!(await run(process.argv.slice(2)))) process.exitCode = 1;
} catch (error) {
  printError(error);
  process.exitCode = 2;
}
