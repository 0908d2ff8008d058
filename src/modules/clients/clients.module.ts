import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BreakGlassModule } from '../break-glass/index.js';
import { UsersModule } from '../users/index.js';
import { ClientMerge } from './client-merge.entity.js';
import { ClientMergeService } from './client-merge.service.js';
import { ClientMergesController } from './client-merges.controller.js';
import { ClientMergesRepository } from './client-merges.repository.js';
import { ClientUnmergeService } from './client-unmerge.service.js';
import { ClientUnmergesRepository } from './client-unmerges.repository.js';
import { DuplicatesService } from './duplicates.service.js';
import { ClientAccess } from './client-access.js';
import { ClientsController } from './clients.controller.js';
import { PatientClinicsQuery } from './patient-clinics-query.js';
import { ClientsRepository } from './clients.repository.js';
import { ClientsService } from './clients.service.js';
import { ImportedClientKeys } from './imported-client-keys.js';
import { ImportedClientWriter } from './imported-client-writer.js';
import { ImportedClientsRepository } from './imported-clients.repository.js';
import { ImportedClientsService } from './imported-clients.service.js';
import { RegistrationService } from './registration.service.js';
import { RecordEncryption } from './record-encryption.js';
import { Guardian } from './guardian.entity.js';
import { GuardianAccess } from './guardian-access.js';
import { GuardiansController } from './guardians.controller.js';
import { GuardiansRepository } from './guardians.repository.js';
import { GuardiansService } from './guardians.service.js';
import { Client } from './client.entity.js';
import { ClientClinic } from './client-clinic.entity.js';
import { ClientLiveChanges } from './client-live-changes.js';

@Module({
  imports: [TypeOrmModule.forFeature([Client, ClientClinic, ClientMerge, Guardian]), BreakGlassModule, UsersModule],
  controllers: [ClientsController, ClientMergesController, GuardiansController],
  providers: [
    ClientLiveChanges,
    ClientAccess,
    ClientMergeService,
    ClientMergesRepository,
    ClientUnmergeService,
    ClientUnmergesRepository,
    DuplicatesService,
    GuardianAccess,
    GuardiansRepository,
    GuardiansService,
    ImportedClientKeys,
    ImportedClientWriter,
    ImportedClientsRepository,
    ImportedClientsService,
    ClientsService,
    PatientClinicsQuery,
    RecordEncryption,
    RegistrationService,
    ClientsRepository,
  ],
  exports: [
    ClientMergeService,
    ClientsService,
    GuardianAccess,
    ImportedClientsService,
    RecordEncryption,
    RegistrationService,
  ],
})
export class ClientsModule {}
