import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { Config } from '../config/config.js';
import { LOGGER } from '../logging/logger.js';
import { schemaFault } from './schema-state.js';

/**
 * A process that meets a schema of another build does not start: it would fail at some request, or write what the other
 * build can't read. Runs before anything listens or sweeps.
 */
@Injectable()
export class SchemaCheck implements OnModuleInit {
  constructor(
    private readonly config: Config,
    private readonly dataSource: DataSource,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws Error that says what is missing and what to run */
  async onModuleInit(): Promise<void> {
    const fault = await schemaFault(this.dataSource);
    if (fault) throw new Error(fault);
    if (this.config.NODE_ENV === 'production') await this.warnOfPower();
  }

  /** The role that serves should not be able to change the schema or the audit log. */
  private async warnOfPower(): Promise<void> {
    const [role] = await this.dataSource.query<{ powerful: boolean }[]>(
      `SELECT has_table_privilege('audit_log', 'DELETE') OR has_schema_privilege('public', 'CREATE') AS powerful`,
    );
    if (role?.powerful) {
      this.logger.warn(
        'the database role may change the schema or the audit log: use a serving role, see docs/operations.md',
      );
    }
  }
}
