import { Module } from '@nestjs/common';
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

@Module({
  imports: [
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
  controllers: [ExportsController],
  providers: [AccountLists, CatalogueLists, ExportsService, ListReader, PatientLists],
})
export class ExchangeModule {
  constructor(limits: RateLimits) {
    limits.define({ listExports: { points: 60, seconds: 60 * 60 } });
  }
}
