import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { schemaFault } from './migrate.js';

/**
 * A process that meets a schema of another build does not start: it would fail at some request, or write what the other
 * build can't read. Runs before anything listens or sweeps.
 */
@Injectable()
export class SchemaCheck implements OnModuleInit {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws Error that says what is missing and what to run */
  async onModuleInit(): Promise<void> {
    const fault = await schemaFault(this.dataSource);
    if (fault) throw new Error(fault);
  }
}
