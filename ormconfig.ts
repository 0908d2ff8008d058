import { DataSource } from 'typeorm';
import { MIGRATIONS } from './migrations/index.js';
import { CacheRevision } from './src/core/cache/cache-revision.entity.js';
import { AuditEntry } from './src/core/changes/audit-entry.entity.js';
import type { OrmConfig } from './src/core/database/data-source.js';
import { MigrationMark } from './src/core/database/migration-mark.entity.js';
import { PostgresNamingStrategy } from './src/core/database/naming-strategy.js';
import { WrappedKey } from './src/core/encryption/wrapped-key.entity.js';
import { IdempotencyKey } from './src/core/http/idempotency-key.entity.js';
import { OutboxEntry } from './src/core/outbox/outbox-entry.entity.js';
import { OutboxRelayState } from './src/core/outbox/outbox-relay-state.entity.js';
import { AccountLink } from './src/modules/account-links/account-link.entity.js';
import { ConversationMessage } from './src/modules/ai/conversations/conversation-message.entity.js';
import { Conversation } from './src/modules/ai/conversations/conversation.entity.js';
import { ApiKey } from './src/modules/api-keys/api-key.entity.js';
import { AppointmentNoteChange } from './src/modules/appointments/appointment-note-change.entity.js';
import { Appointment } from './src/modules/appointments/appointment.entity.js';
import { BulkChangeVisit } from './src/modules/appointments/bulk/bulk-change-visit.entity.js';
import { BulkChange } from './src/modules/appointments/bulk/bulk-change.entity.js';
import { Hold } from './src/modules/appointments/hold.entity.js';
import { Rebooking } from './src/modules/appointments/rebooking.entity.js';
import { Reservation } from './src/modules/appointments/reservation.entity.js';
import { AuditLink } from './src/modules/audit/audit-link.entity.js';
import { MfaFactor } from './src/modules/auth/mfa/mfa-factor.entity.js';
import { MfaRecoveryCode } from './src/modules/auth/mfa/mfa-recovery-code.entity.js';
import { PendingSignIn } from './src/modules/auth/mfa/pending-sign-in.entity.js';
import { ProviderIdentity } from './src/modules/auth/oidc/provider-identity.entity.js';
import { ProviderSignIn } from './src/modules/auth/oidc/provider-sign-in.entity.js';
import { Session } from './src/modules/auth/session.entity.js';
import { BreakGlass } from './src/modules/break-glass/break-glass.entity.js';
import { CalendarFeed } from './src/modules/calendars/calendar-feed.entity.js';
import { ClientClinic } from './src/modules/clients/client-clinic.entity.js';
import { ClientMerge } from './src/modules/clients/client-merge.entity.js';
import { Client } from './src/modules/clients/client.entity.js';
import { Guardian } from './src/modules/clients/guardian.entity.js';
import { Clinic } from './src/modules/clinics/clinic.entity.js';
import { ScheduleRevision } from './src/modules/clinics/schedule-revision.entity.js';
import { Consent } from './src/modules/consents/consent.entity.js';
import { Doctor } from './src/modules/doctors/doctor.entity.js';
import { ImportKey } from './src/modules/exchange/imports/import-key.entity.js';
import { ImportRow } from './src/modules/exchange/imports/import-row.entity.js';
import { Import } from './src/modules/exchange/imports/import.entity.js';
import { Faq } from './src/modules/faqs/faq.entity.js';
import { Favorite } from './src/modules/favorites/favorite.entity.js';
import { Invitation } from './src/modules/invitations/invitation.entity.js';
import { LegacyRecord } from './src/modules/legacy/legacy-record.entity.js';
import { NeuroaidId } from './src/modules/neuroaid/neuroaid-id.entity.js';
import { DevMailboxMessage } from './src/modules/notifications/dev-mailbox/dev-mailbox-message.entity.js';
import { NotificationDevice } from './src/modules/notifications/notification-device.entity.js';
import { NotificationPreference } from './src/modules/notifications/notification-preference.entity.js';
import { Notification } from './src/modules/notifications/notification.entity.js';
import { PlannedNotification } from './src/modules/notifications/planned-notification.entity.js';
import { ReminderPlan } from './src/modules/notifications/reminder-plan.entity.js';
import { LedgerEntry } from './src/modules/payments/ledger-entry.entity.js';
import { PaymentEvent } from './src/modules/payments/payment-event.entity.js';
import { PaymentReconciliation } from './src/modules/payments/payment-reconciliation.entity.js';
import { PaymentRefund } from './src/modules/payments/payment-refund.entity.js';
import { Payment } from './src/modules/payments/payment.entity.js';
import { ReceiptCounter } from './src/modules/payments/receipt-counter.entity.js';
import { Erasure } from './src/modules/privacy/erasure.entity.js';
import { QueueEntry } from './src/modules/queue/queue-entry.entity.js';
import { Referral } from './src/modules/referrals/referral.entity.js';
import { DailyReport } from './src/modules/reports/daily-report.entity.js';
import { ScanAnalysis } from './src/modules/scans/analysis/scan-analysis.entity.js';
import { Scan } from './src/modules/scans/scan.entity.js';
import { ScanSet } from './src/modules/scans/sets/scan-set.entity.js';
import { ClinicClosure } from './src/modules/scheduling/clinic-closure.entity.js';
import { Resource } from './src/modules/scheduling/resource.entity.js';
import { ScheduleException } from './src/modules/scheduling/schedule-exception.entity.js';
import { ServiceDoctor } from './src/modules/scheduling/service-doctor.entity.js';
import { ServicePrice } from './src/modules/scheduling/service-price.entity.js';
import { Service } from './src/modules/scheduling/service.entity.js';
import { WeeklyRule } from './src/modules/scheduling/weekly-rule.entity.js';
import { StrokeAssessment } from './src/modules/stroke/stroke-assessment.entity.js';
import { UserClinic } from './src/modules/users/user-clinic.entity.js';
import { User } from './src/modules/users/user.entity.js';
import { FreedTime } from './src/modules/waitlist/freed-time.entity.js';
import { WaitlistEntry } from './src/modules/waitlist/waitlist-entry.entity.js';
import { WaitlistOffer } from './src/modules/waitlist/waitlist-offer.entity.js';
import { WebhookDelivery } from './src/modules/webhooks/webhook-delivery.entity.js';
import { WebhookEndpoint } from './src/modules/webhooks/webhook-endpoint.entity.js';

/** The TypeORM configuration of the application, the migrations and the command line: all entities and migrations. */
export const ormconfig: OrmConfig = {
  type: 'postgres',
  entities: [
    AccountLink,
    ApiKey,
    Appointment,
    AppointmentNoteChange,
    AuditEntry,
    AuditLink,
    BreakGlass,
    BulkChange,
    BulkChangeVisit,
    CacheRevision,
    CalendarFeed,
    Client,
    ClientClinic,
    ClientMerge,
    Clinic,
    ClinicClosure,
    Consent,
    Conversation,
    ConversationMessage,
    DailyReport,
    DevMailboxMessage,
    Doctor,
    Erasure,
    Faq,
    Favorite,
    FreedTime,
    Guardian,
    Hold,
    IdempotencyKey,
    Import,
    ImportKey,
    ImportRow,
    Invitation,
    LedgerEntry,
    LegacyRecord,
    MfaFactor,
    MfaRecoveryCode,
    MigrationMark,
    NeuroaidId,
    Notification,
    NotificationDevice,
    NotificationPreference,
    OutboxEntry,
    OutboxRelayState,
    Payment,
    PaymentEvent,
    PaymentReconciliation,
    PaymentRefund,
    PendingSignIn,
    PlannedNotification,
    ProviderIdentity,
    ProviderSignIn,
    QueueEntry,
    Rebooking,
    ReceiptCounter,
    Referral,
    ReminderPlan,
    Reservation,
    Resource,
    Scan,
    ScanAnalysis,
    ScanSet,
    ScheduleException,
    ScheduleRevision,
    Service,
    ServiceDoctor,
    ServicePrice,
    Session,
    StrokeAssessment,
    User,
    UserClinic,
    WaitlistEntry,
    WaitlistOffer,
    WebhookDelivery,
    WebhookEndpoint,
    WeeklyRule,
    WrappedKey,
  ],
  namingStrategy: new PostgresNamingStrategy(),
  migrations: MIGRATIONS,
  migrationsTableName: 'migration',
  synchronize: false,
  installExtensions: false,
  applicationName: 'careslot',
};

/** Used by the TypeORM command line: `npm run typeorm -- migration:show`, or `schema:log`. */
export default new DataSource({ ...ormconfig, url: process.env.DATABASE_URL ?? 'postgres://localhost:5432/careslot' });
