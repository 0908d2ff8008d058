import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UsersModule } from '../users/index.js';
import { ClinicsController } from './clinics.controller.js';
import { ClinicsRepository } from './clinics.repository.js';
import { ClinicsService } from './clinics.service.js';
import { Clinic } from './clinic.entity.js';
import { ScheduleRevision } from './schedule-revision.entity.js';
import { ClinicLiveChanges } from './clinic-live-changes.js';

@Module({
  imports: [TypeOrmModule.forFeature([Clinic, ScheduleRevision]), UsersModule],
  controllers: [ClinicsController],
  providers: [ClinicLiveChanges, ClinicsService, ClinicsRepository],
  exports: [ClinicsService],
})
export class ClinicsModule {}
