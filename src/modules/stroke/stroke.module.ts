import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ClinicsModule } from '../clinics/index.js';
import { UsersModule } from '../users/index.js';
import { EmergencyContacts } from './emergency-contacts.js';
import { StrokeController } from './stroke.controller.js';
import { StrokeRepository } from './stroke.repository.js';
import { StrokeService } from './stroke.service.js';
import { StrokeAssessment } from './stroke-assessment.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([StrokeAssessment]), UsersModule, ClinicsModule],
  controllers: [StrokeController],
  providers: [StrokeService, StrokeRepository, EmergencyContacts],
  exports: [StrokeService, EmergencyContacts],
})
export class StrokeModule {}
