import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { Config } from '../config/config.js';
import { LOGGER } from '../logging/logger.js';
import { schemaFault } from './schema-state.js';

/**
 * Prevents the start of a process if the database has the schema of another build: requests could fail, or write data that the
 * other build cannot read. Runs before the process listens or runs jobs.
 */
@Injectable()
export class SchemaCheck implements OnModuleInit {
  constructor(
    private readonly config: Config,
    private readonly dataSource: DataSource,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws Error with the missing or unknown migrations and what to do */
  async onModuleInit(): Promise<void> {
    const fault = await schemaFault(this.dataSource);
    if (fault) throw new Error(fault);
    if (this.config.NODE_ENV === 'production') await this.warnAboutPrivileges();
  }

  /** The role of a serving process should not be able to change the schema or the audit log. */
  private async warnAboutPrivileges(): Promise<void> {
    const [role] = await this.dataSource.query<{ hasTooMany: boolean }[]>(
      `SELECT has_table_privilege('audit_log', 'DELETE') OR has_schema_privilege('public', 'CREATE') AS "hasTooMany"`,
    );
    if (role?.hasTooMany) {
      this.logger.warn(
        'the database role may change the schema or the audit log: use a serving role, see docs/operations.md',
      );
    }
  }
}
