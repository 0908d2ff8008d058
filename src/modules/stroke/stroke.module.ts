import { Module } from '@nestjs/common';
import { ClinicsModule } from '../clinics/index.js';
import { UsersModule } from '../users/index.js';
import { EmergencyContacts } from './emergency-contacts.js';
import { StrokeController } from './stroke.controller.js';
import { StrokeRepository } from './stroke.repository.js';
import { StrokeService } from './stroke.service.js';

@Module({
  imports: [UsersModule, ClinicsModule],
  controllers: [StrokeController],
  providers: [StrokeService, StrokeRepository, EmergencyContacts],
  exports: [StrokeService, EmergencyContacts],
})
export class StrokeModule {}
