import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ClinicsModule } from '../clinics/index.js';
import { AffectedVisitsRepository } from './affected-visits.repository.js';
import { AffectedVisitsService } from './affected-visits.service.js';
import { AlternativesService } from './alternatives.service.js';
import { AvailabilityController } from './availability.controller.js';
import { AvailabilityService } from './availability.service.js';
import { BookingRulesRepository } from './booking-rules.repository.js';
import { BookingRulesService } from './booking-rules.service.js';
import { ClinicSchedulesRepository } from './clinic-schedules.repository.js';
import { ClinicSchedulesService } from './clinic-schedules.service.js';
import { ClinicClosure } from './clinic-closure.entity.js';
import { ClosuresController } from './closures.controller.js';
import { ClosuresRepository } from './closures.repository.js';
import { ClosuresService } from './closures.service.js';
import { NextFreeService } from './next-free.service.js';
import { PatientLimitsService } from './patient-limits.service.js';
import { PatientVisitsRepository } from './patient-visits.repository.js';
import { ResourcesController } from './resources.controller.js';
import { ResourcesRepository } from './resources.repository.js';
import { ResourcesService } from './resources.service.js';
import { DoctorSchedulesController, ResourceSchedulesController } from './schedules.controller.js';
import { SchedulesListener } from './schedules.listener.js';
import { SchedulesRepository } from './schedules.repository.js';
import { SchedulesService } from './schedules.service.js';
import { ServicePrice } from './service-price.entity.js';
import { ServicePricesController } from './service-prices.controller.js';
import { ServicePricesRepository } from './service-prices.repository.js';
import { ServicePricesService } from './service-prices.service.js';
import { ServicesController } from './services.controller.js';
import { ServicesRepository } from './services.repository.js';
import { ServicesService } from './services.service.js';
import { Resource } from './resource.entity.js';
import { Service } from './service.entity.js';
import { ScheduleException } from './schedule-exception.entity.js';
import { ServiceDoctor } from './service-doctor.entity.js';
import { WeeklyRule } from './weekly-rule.entity.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([
      ClinicClosure,
      Resource,
      ScheduleException,
      Service,
      ServiceDoctor,
      ServicePrice,
      WeeklyRule,
    ]),
    ClinicsModule,
  ],
  controllers: [
    AvailabilityController,
    ClosuresController,
    DoctorSchedulesController,
    ResourceSchedulesController,
    ResourcesController,
    ServicePricesController,
    ServicesController,
  ],
  providers: [
    AffectedVisitsRepository,
    AffectedVisitsService,
    AlternativesService,
    AvailabilityService,
    BookingRulesRepository,
    BookingRulesService,
    ClinicSchedulesRepository,
    ClinicSchedulesService,
    ClosuresRepository,
    ClosuresService,
    NextFreeService,
    PatientLimitsService,
    PatientVisitsRepository,
    ResourcesRepository,
    ResourcesService,
    SchedulesListener,
    SchedulesRepository,
    SchedulesService,
    ServicePricesRepository,
    ServicePricesService,
    ServicesRepository,
    ServicesService,
  ],
  exports: [
    AlternativesService,
    AvailabilityService,
    BookingRulesService,
    ClinicSchedulesService,
    ClosuresService,
    NextFreeService,
    ResourcesService,
    SchedulesService,
    ServicesService,
  ],
})
export class SchedulingModule {}
