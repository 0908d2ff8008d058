import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Config } from '../config/config.js';
import { dataSourceOptions, type OrmConfig } from './data-source.js';
import { Database } from './database.js';
import { MigrationMark } from './migration-mark.entity.js';
import { REPLICA_READS, ReplicaReads } from './replica-reads.js';
import { SchemaCheck } from './schema-check.js';

@Global()
@Module({})
export class DatabaseModule {
  static forRoot(ormconfig: OrmConfig): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [Config],
          useFactory: ({ DATABASE_URL, DATABASE_POOL_SIZE, DATABASE_TIMEOUT_SECONDS }: Config) => ({
            ...dataSourceOptions(ormconfig, DATABASE_URL, DATABASE_POOL_SIZE, DATABASE_TIMEOUT_SECONDS),
            retryAttempts: 3,
            retryDelay: 1_000,
          }),
        }),
        TypeOrmModule.forFeature([MigrationMark]),
      ],
      providers: [Database, REPLICA_READS, SchemaCheck],
      exports: [Database, ReplicaReads],
    };
  }
}
