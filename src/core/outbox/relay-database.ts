import type { FactoryProvider, OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Database } from '../database/database.js';

/**
 * The relay's own connection. In the pool it would wait behind the requests whose events it publishes: with 32 bookings on ten
 * connections it waited for 150 ms before each batch. What handlers do in its transactions runs on it as well.
 */
export class RelayDatabase extends Database implements OnApplicationShutdown {
  private constructor(private readonly connection: DataSource) {
    super(connection);
  }

  /** @param main whose entities and settings it gets */
  static async connect(main: DataSource): Promise<RelayDatabase> {
    const connection = new DataSource({ ...main.options, poolSize: 1 } as typeof main.options);
    return new RelayDatabase(await connection.initialize());
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
