import type { FactoryProvider, OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Database } from '../database/database.js';

/**
 * The relay's own database connection, which its handlers use as well. In the shared pool it would wait for requests: with 32
 * concurrent bookings on ten connections, it waited 150 ms before each batch.
 */
export class RelayDatabase extends Database implements OnApplicationShutdown {
  private constructor(private readonly connection: DataSource) {
    super(connection);
  }

  /** @param main the data source whose entities and settings are used */
  static async connect(main: DataSource): Promise<RelayDatabase> {
    const connection = new DataSource({ ...main.options, poolSize: 1 } as typeof main.options);
    return new RelayDatabase(await connection.initialize());
  }

  protected override get poolName(): string {
    return 'relay';
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connection.destroy();
  }
}

export const RELAY_DATABASE: FactoryProvider<RelayDatabase> = {
  provide: RelayDatabase,
  inject: [DataSource],
  useFactory: (main: DataSource) => RelayDatabase.connect(main),
};
