import { BullModule, InjectQueue, Process, Processor } from '@nestjs/bull';
import { Injectable, Module, type INestApplicationContext, type OnModuleInit } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Queue } from 'bull';
import { AppModule } from '../../src/app.module.js';
import type { Config } from '../../src/core/config/config.js';
import { JobScheduler, type DueJob, type DueWork, type DueWorkProcessor } from '../../src/core/jobs/job-scheduler.js';
import { MaintenanceScheduler } from '../../src/core/jobs/maintenance-scheduler.js';

export const NUMBERS_QUEUE = 'numbers';

/** The smallest feature with a queue and a periodic task. Its due work is a list that the test writes. */
@Injectable()
export class Numbers implements OnModuleInit {
  due: DueWork[] = [];
  /** The ids whose work was started, once for each attempt. */
  readonly started: string[] = [];
  /** How often these ids still fail. */
  readonly failures = new Map<string, number>();
  /** While it is set, work waits for it. */
  gate: Promise<void> | null = null;
  counted = 0;

  constructor(private readonly maintenance: MaintenanceScheduler) {}

  onModuleInit(): void {
    const run = (): Promise<number> => Promise.resolve((this.counted += 1));
    this.maintenance.register({ name: 'count', everySeconds: 1, run });
  }

  async work(id: string): Promise<void> {
    this.started.push(id);
    this.due = this.due.filter((one) => one.id !== id);
    await this.gate;
    const left = this.failures.get(id) ?? 0;
    this.failures.set(id, left - 1);
    if (left > 0) throw new Error('as the test asked');
  }
}

@Processor(NUMBERS_QUEUE)
class NumbersProcessor implements DueWorkProcessor, OnModuleInit {
  readonly concurrency = 1;

  constructor(
    @InjectQueue(NUMBERS_QUEUE) readonly queue: Queue,
    private readonly jobs: JobScheduler,
    private readonly numbers: Numbers,
  ) {}

  onModuleInit(): void {
    this.jobs.register(this);
  }

  findDue(): Promise<DueWork[]> {
    return Promise.resolve(this.numbers.due);
  }

  @Process()
  process(job: DueJob): Promise<void> {
    return this.jobs.run(NUMBERS_QUEUE, job, ({ reportProgress }) => {
      reportProgress(50);
      return this.numbers.work(job.data.id);
    });
  }
}

/** The application with one more queue, and no listener. */
export function startNumbersApp(config: Config): Promise<INestApplicationContext> {
  class TestModule {}
  Module({
    imports: [AppModule.forRoot(config), BullModule.registerQueue({ name: NUMBERS_QUEUE })],
    providers: [Numbers, NumbersProcessor],
  })(TestModule);
  return NestFactory.createApplicationContext(TestModule, { abortOnError: false, logger: false });
}
