import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isEmail } from 'class-validator';
import 'reflect-metadata';
import pino from 'pino';
import { DataSource } from 'typeorm';
import { ormconfig } from '../ormconfig.js';
import { ChangeLog } from '../src/core/changes/change-log.js';
import { OutboxSignal } from '../src/core/changes/outbox-signal.js';
import { PatientClinics } from '../src/core/changes/patient-clinics.js';
import { RecordHash } from '../src/core/changes/record-hash.js';
import { loadConfig, type Config } from '../src/core/config/config.js';
import { dataSourceOptions } from '../src/core/database/data-source.js';
import { Database } from '../src/core/database/database.js';
import { BlindIndex } from '../src/core/encryption/blind-index.js';
import { FieldEncryption } from '../src/core/encryption/field-encryption.js';
import { MaintenanceScheduler } from '../src/core/jobs/maintenance-scheduler.js';
import { SystemClock } from '../src/core/kernel/clock.js';
import { canonicalEmail } from '../src/core/kernel/email.js';
import { LiveSessions } from '../src/core/security/live-sessions.js';
import { MfaRequirements } from '../src/core/security/mfa-requirements.js';
import { AccountLinksRepository } from '../src/modules/account-links/account-links.repository.js';
import { AccountLinksService, AccountLinkTokens } from '../src/modules/account-links/index.js';
import { InvitationsRepository } from '../src/modules/invitations/invitations.repository.js';
import { AdministratorsService, InvitationsService } from '../src/modules/invitations/index.js';
import { AccountAccessRepository } from '../src/modules/users/account-access.repository.js';
import { AccountAccess } from '../src/modules/users/account-access.js';
import { RecordEncryption } from '../src/modules/clients/index.js';
import { AccountContacts, UsersService } from '../src/modules/users/index.js';
import { PhoneNumbers } from '../src/modules/users/phone-numbers.js';
import { UserClinicsRepository } from '../src/modules/users/user-clinics.repository.js';
import { UsersRepository } from '../src/modules/users/users.repository.js';

const USAGE =
  'Usage: node dist/tools/create-admin.js --email you@example.org [--first-name …] [--last-name …] [--locale en] [--force]';
const MAIL_WITHIN_MILLISECONDS = 20_000;
const POLL_MILLISECONDS = 250;

function readOptions() {
  const text = { type: 'string' } as const;
  const options = {
    email: text,
    'first-name': text,
    'last-name': text,
    locale: text,
    force: { type: 'boolean' },
  } as const;
  try {
    const { values } = parseArgs({ options });
    const email = canonicalEmail(values.email ?? '');
    if (!isEmail(email)) throw new Error('--email must be an e-mail address.');
    const { 'first-name': firstName = 'System', 'last-name': lastName = 'Administrator', locale = 'en' } = values;
    return { person: { email, firstName, lastName, locale }, isForced: values.force ?? false };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`, { cause: error });
  }
}

/** Only the parts that the command needs: nothing that serves requests or runs jobs is started. */
async function createService(config: Config, dataSource: DataSource): Promise<AdministratorsService> {
  const [db, clock] = [new Database(dataSource), new SystemClock()];
  const fields = new FieldEncryption(config);
  const indexes = new BlindIndex(db, fields);
  const hashes = new RecordHash(db, fields);
  // Before the transaction, which uses the only connection.
  await indexes.onModuleInit();
  await hashes.onModuleInit();
  const changes = new ChangeLog(db, new OutboxSignal(), hashes, new PatientClinics());
  const contacts = new AccountContacts(fields, indexes);
  const userRows = new UsersRepository(db, contacts);
  const mfa = new MfaRequirements(config, clock);
  const sessions = new LiveSessions(db, clock, config, mfa, pino({ level: 'silent' }));
  const linkRows = new AccountLinksRepository(db, fields, indexes);
  const links = new AccountLinksService(linkRows, changes, new MaintenanceScheduler(), clock);
  const clinicRows = new UserClinicsRepository(db);
  const access = new AccountAccess(new AccountAccessRepository(db), userRows, clinicRows, sessions, links);
  const users = new UsersService(userRows, new PhoneNumbers(clinicRows), access, changes, clock);
  const repository = new InvitationsRepository(db, contacts, new RecordEncryption(fields, indexes));
  const invitations = new InvitationsService(db, repository, links, changes, clock);
  const tokens = new AccountLinkTokens(config);
  return new AdministratorsService(db, users, repository, invitations, tokens);
}

/** Waits for a worker to mail the invitation. @returns whether it did */
async function isMailed(administrators: AdministratorsService, invitationId: string): Promise<boolean> {
  const deadline = Date.now() + MAIL_WITHIN_MILLISECONDS;
  while (Date.now() < deadline) {
    const state = await administrators.getMessageState(invitationId);
    if (state === 'SENT') return true;
    if (state === 'FAILED' || state === 'SKIPPED') return false;
    await sleep(POLL_MILLISECONDS);
  }
  return false;
}

async function run(): Promise<string> {
  const { person, isForced } = readOptions();
  const config = loadConfig();
  const dataSource = await new DataSource(dataSourceOptions(ormconfig, config.DATABASE_URL, 1)).initialize();
  try {
    const administrators = await createService(config, dataSource);
    const { invitationId, url } = await administrators.create(person, { isForced });
    if (config.SMTP_URL && (await isMailed(administrators, invitationId))) {
      return `An invitation was mailed to ${person.email}. It works once, for seven days.`;
    }
    const reason = config.SMTP_URL ? 'No worker has mailed the invitation yet. ' : '';
    return `${reason}Open this link within seven days to choose a password. It works once:\n${url}`;
  } finally {
    await dataSource.destroy();
  }
}

try {
  process.stdout.write(`${await run()}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
