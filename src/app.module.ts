import { Module, type DynamicModule } from '@nestjs/common';
import type { Config } from './core/config/config.js';
import { ormconfig } from '../ormconfig.js';
import { CoreModule } from './core/core.module.js';
import { DatabaseModule } from './core/database/database.module.js';
import type { Clock } from './core/kernel/clock.js';
import { AiModule } from './modules/ai/index.js';
import { ApiKeysModule } from './modules/api-keys/index.js';
import { AppointmentsModule } from './modules/appointments/index.js';
import { AuditLinkingModule, AuditModule } from './modules/audit/index.js';
import { AuthModule } from './modules/auth/index.js';
import { BreakGlassModule } from './modules/break-glass/index.js';
import { CalendarsModule } from './modules/calendars/index.js';
import { ConsentsModule } from './modules/consents/index.js';
import { ClientsModule } from './modules/clients/index.js';
import { ClinicDayModule } from './modules/clinic-day/index.js';
import { ClinicsModule } from './modules/clinics/index.js';
import { DoctorsModule } from './modules/doctors/index.js';
import { NeuroAidModule } from './modules/neuroaid/index.js';
import { EmergencyTextModule } from './modules/emergency-text/index.js';
import { ExchangeModule, ImportsProcessorModule } from './modules/exchange/index.js';
import { FaqsModule } from './modules/faqs/index.js';
import { LegacyModule } from './modules/legacy/index.js';
import { NotificationsModule, NotificationsProcessorsModule } from './modules/notifications/index.js';
import { InvitationsModule } from './modules/invitations/index.js';
import { FavoritesModule } from './modules/favorites/index.js';
import { DevMailboxRoutesModule } from './modules/notifications/dev-mailbox/index.js';
import { PaymentsModule, PaymentsProcessorModule } from './modules/payments/index.js';
import { PrivacyModule } from './modules/privacy/index.js';
import { QueueModule } from './modules/queue/index.js';
import { ReferralsModule } from './modules/referrals/index.js';
import { ReportsModule } from './modules/reports/index.js';
import { ScansModule, ScansProcessorsModule } from './modules/scans/index.js';
import { SchedulingModule } from './modules/scheduling/index.js';
import { StaffModule } from './modules/staff/index.js';
import { StrokeModule } from './modules/stroke/index.js';
import { UsersModule } from './modules/users/index.js';
import { WaitlistModule, WaitlistProcessorModule } from './modules/waitlist/index.js';
import { WebhooksModule, WebhooksProcessorModule } from './modules/webhooks/index.js';

/** The only list of features. */
@Module({})
export class AppModule {
  static forRoot(config: Config, clock?: Clock): DynamicModule {
    return {
      module: AppModule,
      imports: [
        DatabaseModule.forRoot(ormconfig),
        CoreModule.forRoot(config, clock),
        UsersModule,
        ClientsModule,
        AuthModule,
        ClinicsModule,
        DoctorsModule,
        SchedulingModule,
        PaymentsModule,
        AppointmentsModule,
        QueueModule,
        ClinicDayModule,
        WaitlistModule,
        ReferralsModule,
        CalendarsModule,
        StaffModule,
        InvitationsModule,
        FaqsModule,
        AiModule,
        ReportsModule,
        NotificationsModule,
        StrokeModule,
        EmergencyTextModule,
        FavoritesModule,
        ...(config.NODE_ENV === 'production' ? [] : [DevMailboxRoutesModule]),
        ScansModule,
        NeuroAidModule,
        AuditModule,
        ApiKeysModule,
        WebhooksModule,
        BreakGlassModule,
        ConsentsModule,
        PrivacyModule,
        ExchangeModule,
        LegacyModule,
        ...(config.JOBS_IN_PROCESS
          ? [
              NotificationsProcessorsModule,
              ScansProcessorsModule,
              WaitlistProcessorModule,
              WebhooksProcessorModule,
              PaymentsProcessorModule,
              ImportsProcessorModule,
              AuditLinkingModule,
            ]
          : []),
      ],
    };
  }
}
