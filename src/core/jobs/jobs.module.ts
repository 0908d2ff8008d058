import { BullModule } from '@nestjs/bull';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ScheduleModule } from '@nestjs/schedule';
import type { RedisOptions } from 'ioredis';
import { Config, redisPrefix } from '../config/config.js';
import { JobQueues } from './job-queues.js';
import { JobScheduler } from './job-scheduler.js';
import { MAINTENANCE_QUEUE, MaintenanceScheduler } from './maintenance-scheduler.js';
import { MaintenanceProcessor } from './maintenance.processor.js';
import { QueueBoardSession } from './queue-board-session.js';
import { QueueBoardController } from './queue-board.controller.js';

/** Background jobs. A feature registers its queues with `BullModule.registerQueue`; they are found by discovery. */
@Global()
@Module({})
export class JobsModule {
  static forRoot({ JOBS_IN_PROCESS }: Config): DynamicModule {
    return {
      module: JobsModule,
      imports: [
        DiscoveryModule,
        ScheduleModule.forRoot(),
        BullModule.forRootAsync({
          inject: [Config, JobQueues],
          useFactory: (config: Config, queues: JobQueues) => ({
            url: config.REDIS_URL,
            // Without a prefix of its own, a second CareSlot on the same Redis would take the jobs of the first.
            prefix: redisPrefix(config),
            createClient: (_type, options?: RedisOptions) => queues.connect(options ?? {}),
            redis: {
              // Bull takes the address from the URL, but would use plain text for rediss://.
              ...(new URL(config.REDIS_URL).protocol === 'rediss:' && { tls: {} }),
              enableReadyCheck: false,
              maxRetriesPerRequest: null,
              retryStrategy: (attempt: number) => Math.min(attempt * 200, 2_000),
            },
            skipVersionCheck: true,
            // A job of a process that died runs elsewhere within three seconds. One that was only slow runs twice, which is safe.
            settings: { lockDuration: 2_000, stalledInterval: 1_000 },
          }),
        }),
        BullModule.registerQueue({ name: MAINTENANCE_QUEUE }),
      ],
      controllers: [QueueBoardController],
      providers: [
        JobQueues,
        JobScheduler,
        MaintenanceScheduler,
        QueueBoardSession,
        ...(JOBS_IN_PROCESS ? [MaintenanceProcessor] : []),
      ],
      exports: [JobQueues, JobScheduler, MaintenanceScheduler],
    };
  }
}
