import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RateLimits } from '../../core/security/rate-limits.js';
import { AppointmentsModule } from '../appointments/index.js';
import { AuthModule } from '../auth/index.js';
import { ScansModule } from '../scans/index.js';
import { UsersModule } from '../users/index.js';
import { Erasure } from './erasure.entity.js';
import { ErasureRepository } from './erasure.repository.js';
import { ErasureRequests } from './erasure-requests.service.js';
import { ErasureService } from './erasure.service.js';
import { ErasureTask } from './erasure.task.js';
import { ExportArchive } from './export-archive.js';
import { ExportRepository } from './export.repository.js';
import { ExportService } from './export.service.js';
import { FutureVisits } from './future-visits.js';
import { PeopleRepository } from './people.repository.js';
import { PrivacyController } from './privacy.controller.js';
import { RetentionRepository } from './retention.repository.js';
import { RetentionService } from './retention.service.js';
import { RetentionTask } from './retention.task.js';
import { UnfinishedErasures } from './unfinished-erasures.js';

@Module({
  imports: [AppointmentsModule, AuthModule, ScansModule, TypeOrmModule.forFeature([Erasure]), UsersModule],
  controllers: [PrivacyController],
  providers: [
    ErasureRepository,
    ErasureRequests,
    ErasureService,
    ErasureTask,
    FutureVisits,
    ExportArchive,
    ExportRepository,
    ExportService,
    PeopleRepository,
    RetentionRepository,
    RetentionService,
    RetentionTask,
    UnfinishedErasures,
  ],
})
export class PrivacyModule {
  constructor(limits: RateLimits) {
    limits.define({ exports: { points: 5, seconds: 60 * 60 }, erasures: { points: 10, seconds: 60 * 60 } });
  }
}
