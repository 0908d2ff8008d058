import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ClinicsModule } from '../clinics/index.js';
import { UsersModule } from '../users/index.js';
import { DoctorAccountsService } from './doctor-accounts.service.js';
import { DoctorVideoLinksController } from './doctor-video-links.controller.js';
import { DoctorVideoLinksService } from './doctor-video-links.service.js';
import { DoctorsController } from './doctors.controller.js';
import { DoctorsRepository } from './doctors.repository.js';
import { DoctorsService } from './doctors.service.js';
import { Doctor } from './doctor.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([Doctor]), ClinicsModule, UsersModule],
  controllers: [DoctorsController, DoctorVideoLinksController],
  providers: [DoctorsService, DoctorsRepository, DoctorAccountsService, DoctorVideoLinksService],
  exports: [DoctorsService],
})
export class DoctorsModule {}
