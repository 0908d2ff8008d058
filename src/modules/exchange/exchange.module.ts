import { BullModule } from '@nestjs/bull';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RateLimits } from '../../core/security/rate-limits.js';
import { ApiKeysModule } from '../api-keys/index.js';
import { AppointmentsModule } from '../appointments/index.js';
import { AuditModule } from '../audit/index.js';
import { BreakGlassModule } from '../break-glass/index.js';
import { ClientsModule } from '../clients/index.js';
import { ClinicsModule } from '../clinics/index.js';
import { DoctorsModule } from '../doctors/index.js';
import { NotificationsModule } from '../notifications/index.js';
import { ReferralsModule } from '../referrals/index.js';
import { SchedulingModule } from '../scheduling/index.js';
import { UsersModule } from '../users/index.js';
import { WaitlistModule } from '../waitlist/index.js';
import { AccountLists } from './exports/account-lists.js';
import { CatalogueLists } from './exports/catalogue-lists.js';
import { ExportsController } from './exports/exports.controller.js';
import { ExportsService } from './exports/exports.service.js';
import { ListReader } from './exports/list-reader.js';
import { PatientLists } from './exports/patient-lists.js';
import { FailedRowsService } from './imports/failed-rows.service.js';
import { ImportBatches } from './imports/import-batches.js';
import { ImportCompletion } from './imports/import-completion.js';
import { ImportFiles } from './imports/import-files.js';
import { ImportFollowUp } from './imports/import-follow-up.js';
import { ImportKey } from './imports/import-key.entity.js';
import { KnownRows } from './imports/known-rows.js';
import { ImportKeysRepository } from './imports/import-keys.repository.js';
import { ImportPreparation } from './imports/import-preparation.js';
import { ImportProgress } from './imports/import-progress.js';
import { ImportRow } from './imports/import-row.entity.js';
import { ImportRowsRepository } from './imports/import-rows.repository.js';
import { ImportRunner } from './imports/import-runner.js';
import { ImportSweep } from './imports/import-sweep.js';
import { ImportUploadsService } from './imports/import-uploads.service.js';
import { Import } from './imports/import.entity.js';
import { AppointmentImporter } from './imports/importers/appointment-importer.js';
import { ClientImporter } from './imports/importers/client-importer.js';
import { CatalogueLoader } from './imports/importers/clinic-catalogue.js';
import { DoctorImporter } from './imports/importers/doctor-importer.js';
import { Importers } from './imports/importers/importers.js';
import { RowAttempts } from './imports/importers/row-attempts.js';
import { ScheduleImporter } from './imports/importers/schedule-importer.js';
import { ServiceImporter } from './imports/importers/service-importer.js';
import { IMPORTS_QUEUE } from './imports/imports-queue.js';
import { ImportsController } from './imports/imports.controller.js';
import { ImportsProcessor } from './imports/imports.processor.js';
import { ImportsRepository } from './imports/imports.repository.js';
import { ImportsService } from './imports/imports.service.js';
import { ServiceCurrency } from './imports/service-currency.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([Import, ImportKey, ImportRow]),
    BullModule.registerQueue({ name: IMPORTS_QUEUE }),
    ApiKeysModule,
    AppointmentsModule,
    AuditModule,
    BreakGlassModule,
    ClientsModule,
    ClinicsModule,
    DoctorsModule,
    NotificationsModule,
    ReferralsModule,
    SchedulingModule,
    UsersModule,
    WaitlistModule,
  ],
  controllers: [ExportsController, ImportsController],
  providers: [
    AccountLists,
    AppointmentImporter,
    CatalogueLists,
    ClientImporter,
    CatalogueLoader,
    DoctorImporter,
    ExportsService,
    FailedRowsService,
    ImportBatches,
    ImportCompletion,
    Importers,
    ImportFiles,
    ImportFollowUp,
    ImportKeysRepository,
    ImportPreparation,
    ImportProgress,
    ImportRowsRepository,
    ImportRunner,
    ImportsRepository,
    ImportsService,
    ImportSweep,
    ImportUploadsService,
    KnownRows,
    ListReader,
    PatientLists,
    RowAttempts,
    ScheduleImporter,
    ServiceCurrency,
    ServiceImporter,
  ],
  exports: [BullModule, ImportRunner],
})
export class ExchangeModule {
  constructor(limits: RateLimits) {
    limits.define({
      listExports: { points: 60, seconds: 60 * 60 },
      importUpload: { points: 60, seconds: 60 * 60 },
    });
  }
}

/** The processor of the queue, for processes that run jobs. */
@Module({ imports: [ExchangeModule], providers: [ImportsProcessor] })
export class ImportsProcessorModule {}
