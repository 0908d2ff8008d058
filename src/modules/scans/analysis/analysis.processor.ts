import { InjectQueue, Process, Processor } from '@nestjs/bull';
import type { OnModuleInit } from '@nestjs/common';
import type { Queue } from 'bull';
import { JobScheduler, type DueJob, type DueWork, type DueWorkProcessor } from '../../../core/jobs/job-scheduler.js';
import { AnalysisRunner } from './analysis-runner.js';
import { AnalysisRepository } from './analysis.repository.js';
import { ANALYSIS_PRIORITY, ANALYSIS_QUEUE } from './analysis-requests.js';

const CONCURRENCY = 2;

/** Runs the queued analyses of scans. */
@Processor(ANALYSIS_QUEUE)
export class AnalysisProcessor implements DueWorkProcessor, OnModuleInit {
  readonly concurrency = CONCURRENCY;

  constructor(
    @InjectQueue(ANALYSIS_QUEUE) readonly queue: Queue,
    private readonly jobs: JobScheduler,
    private readonly analyses: AnalysisRepository,
    private readonly runner: AnalysisRunner,
  ) {}

  onModuleInit(): void {
    this.jobs.register(this);
  }

  async findDue(): Promise<DueWork[]> {
    const due = await this.analyses.findDue();
    return due.map(({ id, isInterrupted }) => ({
      id,
      priority: isInterrupted ? ANALYSIS_PRIORITY.interrupted : ANALYSIS_PRIORITY.requested,
    }));
  }

  @Process({ concurrency: CONCURRENCY })
  process(job: DueJob): Promise<void> {
    return this.jobs.run(ANALYSIS_QUEUE, job, ({ reportProgress }) => this.runner.run(job.data.id, reportProgress));
  }
}
