import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import pg from 'pg';
import { createBackup } from '../../../src/backup/create-backup.js';
import { restoreBackup } from '../../../src/backup/restore-backup.js';
import { loadBackupConfig } from '../../../src/core/config/backup-config.js';
import { createRoles } from '../../../src/core/database/roles.js';
import { createDatabase } from '../../support/app.js';
import type { Operation } from '../client-log.js';
import type { Fault } from '../fault.js';

/** What clients knew before the backup began. */
let known: Operation[] = [];
let restored: pg.Pool | null = null;

/** A backup while clients work, and a restore into an empty database with empty folders. */
export const restoredFromBackup: Fault = {
  ...{ id: 22, title: 'restored from a backup that was made under load', runs: 1 },
  notInSoak: 'it takes minutes',
  unavailable: ({ postgres }) =>
    Promise.resolve(postgres.installed ? null : 'pg_dump of the version of the server is not installed'),
  inject: async (world) => {
    const identity = await generateIdentity();
    const keys = { BACKUP_RECIPIENTS: await identityToRecipient(identity), BACKUP_IDENTITY: identity };
    known = world.log.operations.filter(({ outcome }) => outcome === 'acknowledged');
    const source = { ...world.app.environment, STORAGE_DIR: world.files.folder, ...keys };
    const folder = join(world.folder, `backups-${randomBytes(4).toString('hex')}`);
    const { path } = await createBackup(loadBackupConfig(source), folder);

    const { url } = await createDatabase();
    const password = randomBytes(12).toString('hex');
    const owner = { role: 'restored_owner', password };
    await createRoles({ databaseUrl: url, owner, app: { role: 'restored_app', password } });
    const ownerUrl = new URL(url);
    Object.assign(ownerUrl, { username: owner.role, password });
    const target = { ...source, DATABASE_URL: ownerUrl.href, STORAGE_DIR: join(world.folder, 'restored-files') };
    const options = { backup: path, force: false, endSessions: false, erasures: [] };
    // Compares the rows of all tables with those of the backup, too.
    const { audit } = await restoreBackup(loadBackupConfig({ ...target, DATABASE_APP_ROLE: 'restored_app' }), options);
    if (audit.brokenChains > 0) world.problems.push('I6: a chain of the restored audit log is broken');
    restored = new pg.Pool({ connectionString: url, max: 1 });
  },
  during: async (world) => {
    const ids = known.filter(({ kind }) => kind === 'book').flatMap(({ ids: [id] }) => id ?? []);
    const { rows } = (await restored?.query('SELECT id FROM appointment WHERE id = ANY ($1::uuid[])', [ids])) ?? {
      rows: [],
    };
    if (rows.length !== new Set(ids).size)
      world.problems.push(
        `I2: ${new Set(ids).size - rows.length} acknowledged visits are not in the restored database`,
      );
  },
  heal: async () => restored?.end(),
};
