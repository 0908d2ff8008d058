import { BullModule } from '@nestjs/bull';
import { Global, Module } from '@nestjs/common';
import { Config, redisPrefix } from '../config/config.js';
import { BoardPass } from './board-pass.js';
import { Jobs } from './jobs.js';
import { QueueBoardController } from './queue-board.controller.js';
import { QUEUES } from './queues.js';
import { Upkeep } from './upkeep.js';

/** The only importer of Bull. */
@Global()
@Module({
  imports: [
    BullModule.forRootAsync({
      inject: [Config],
      useFactory: (config: Config) => ({
        url: config.REDIS_URL,
        // A second CareSlot on the same Redis would steal jobs.
        prefix: redisPrefix(config),
        redis: {
          // Bull reads everything else from the URL, but would speak plain text to rediss://.
          ...(new URL(config.REDIS_URL).protocol === 'rediss:' && { tls: {} }),
          enableReadyCheck: false,
          maxRetriesPerRequest: null,
          retryStrategy: (attempt: number) => Math.min(attempt * 200, 2_000),
        },
        skipVersionCheck: true,
        // The job of a process that died is another's within three seconds. One that was only slow runs twice, which it may.
        settings: { lockDuration: 2_000, stalledInterval: 1_000 },
      }),
    }),
    BullModule.registerQueue(...QUEUES.map((name) => ({ name }))),
  ],
  controllers: [QueueBoardController],
  providers: [BoardPass, Jobs, Upkeep],
  exports: [Jobs, Upkeep, BullModule],
})
export class JobsModule {}
