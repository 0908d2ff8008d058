import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AppointmentsModule } from '../appointments/index.js';
import { ClientsModule } from '../clients/index.js';
import { ClinicsModule } from '../clinics/index.js';
import { DoctorsModule } from '../doctors/index.js';
import { FaqsModule } from '../faqs/index.js';
import { FavoritesModule } from '../favorites/index.js';
import { NeuroAidModule } from '../neuroaid/index.js';
import { ScansModule } from '../scans/index.js';
import { SchedulingModule } from '../scheduling/index.js';
import { UsersModule } from '../users/index.js';
import { BatchMigrator } from './batch-migrator.js';
import { DoctorsImporter } from './importers/doctors.importer.js';
import { FaqsImporter } from './importers/faqs.importer.js';
import { FavoritesImporter } from './importers/favorites.importer.js';
import { Importers } from './importers/importer.js';
import { PatientRecords } from './importers/patient-records.js';
import { ScansImporter } from './importers/scans.importer.js';
import { ServicesImporter } from './importers/services.importer.js';
import { UsersImporter } from './importers/users.importer.js';
import { VisitReplacements } from './importers/visit-replacements.js';
import { VisitsImporter } from './importers/visits.importer.js';
import { LegacyMigrationService } from './legacy-migration.service.js';
import { LegacyRecord } from './legacy-record.entity.js';
import { LegacyRecordsRepository } from './legacy-records.repository.js';
import { LegacyRemovalsRepository } from './legacy-removals.repository.js';
import { LegacyRollbackService } from './legacy-rollback.service.js';
import { RowMigrator } from './row-migrator.js';
import { RunPreparation } from './run-preparation.js';
import { StoredKeys } from './stored-keys.js';

/** Migration from other systems, for the command `migrate-legacy.ts`. It has no routes. */
@Module({
  imports: [
    TypeOrmModule.forFeature([LegacyRecord]),
    AppointmentsModule,
    ClientsModule,
    ClinicsModule,
    DoctorsModule,
    FaqsModule,
    FavoritesModule,
    NeuroAidModule,
    ScansModule,
    SchedulingModule,
    UsersModule,
  ],
  providers: [
    BatchMigrator,
    DoctorsImporter,
    FaqsImporter,
    FavoritesImporter,
    Importers,
    LegacyMigrationService,
    LegacyRecordsRepository,
    LegacyRemovalsRepository,
    LegacyRollbackService,
    PatientRecords,
    RowMigrator,
    RunPreparation,
    ScansImporter,
    ServicesImporter,
    StoredKeys,
    UsersImporter,
    VisitReplacements,
    VisitsImporter,
  ],
})
export class LegacyModule {}
