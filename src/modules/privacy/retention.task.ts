import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Config } from '../../core/config/config.js';
import { hasRetention } from '../../core/config/retention-settings.js';
import { MaintenanceScheduler } from '../../core/jobs/maintenance-scheduler.js';
import { RetentionService } from './retention.service.js';

const DAILY_SECONDS = 86_400;

/** Applies the configured periods once a day. Does nothing if none is configured. */
@Injectable()
export class RetentionTask implements OnModuleInit {
  constructor(
    private readonly config: Config,
    private readonly retention: RetentionService,
    private readonly maintenance: MaintenanceScheduler,
  ) {}

  onModuleInit(): void {
    if (!hasRetention(this.config)) return;
    this.maintenance.register({
      name: 'apply-retention',
      everySeconds: DAILY_SECONDS,
      run: () => this.retention.run(this.config),
    });
  }
}
