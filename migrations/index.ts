import type { MigrationClass } from '../src/core/database/schema-state.js';
import { Foundation1763700000000 } from './1763700000000-Foundation.js';
import { OutboxRelay1763800000000 } from './1763800000000-OutboxRelay.js';
import { DevMailbox1763805000000 } from './1763805000000-DevMailbox.js';
import { Notifications1763810000000 } from './1763810000000-Notifications.js';
import { Scans1763820000000 } from './1763820000000-Scans.js';
import { StrokeAssessments1763830000000 } from './1763830000000-StrokeAssessments.js';
import { ConversationsAndFaqs1763840000000 } from './1763840000000-ConversationsAndFaqs.js';
import { Favorites1763850000000 } from './1763850000000-Favorites.js';
import { BulkDeliveries1763856000000 } from './1763856000000-BulkDeliveries.js';
import { UpcomingPerClient1763860000000 } from './1763860000000-UpcomingPerClient.js';
import { AccountAddresses1763870000000 } from './1763870000000-AccountAddresses.js';
import { ClinicCountries1763871000000 } from './1763871000000-ClinicCountries.js';
import { UnicodeSearch1763871100000 } from './1763871100000-UnicodeSearch.js';
import { ClinicRecords1763871200000 } from './1763871200000-ClinicRecords.js';
import { StaffNotes1763872000000 } from './1763872000000-StaffNotes.js';
import { NeuroaidIds1763875000000 } from './1763875000000-NeuroaidIds.js';
import { MigrationMarks1763876000000 } from './1763876000000-MigrationMarks.js';
import { ScheduleRevision1763880000000 } from './1763880000000-ScheduleRevision.js';
import { CacheRevisions1763881000000 } from './1763881000000-CacheRevisions.js';
import { ScheduleRevisionEveryChange1763881500000 } from './1763881500000-ScheduleRevisionEveryChange.js';
import { TypeormMetadata1763882000000 } from './1763882000000-TypeormMetadata.js';
import { ReminderPlans1763882300000 } from './1763882300000-ReminderPlans.js';
import { ChatIdempotency1763882500000 } from './1763882500000-ChatIdempotency.js';
import { MultiFactor1763883200000 } from './1763883200000-MultiFactor.js';
import { AccountLinks1763883300000 } from './1763883300000-AccountLinks.js';
import { AuditChain1763883400000 } from './1763883400000-AuditChain.js';
import { Invitations1763883600000 } from './1763883600000-Invitations.js';
import { ClientMerges1763883600001 } from './1763883600001-ClientMerges.js';
import { ApiKeys1763883700000 } from './1763883700000-ApiKeys.js';
import { IdentityProviders1763883800000 } from './1763883800000-IdentityProviders.js';
import { BreakGlass1763884000000 } from './1763884000000-BreakGlass.js';
import { Consents1763884000001 } from './1763884000001-Consents.js';
import { Erasures1763884000002 } from './1763884000002-Erasures.js';
import { WrappedKeys1763884100000 } from './1763884100000-WrappedKeys.js';
import { EncryptedVisitTexts1763884100001 } from './1763884100001-EncryptedVisitTexts.js';
import { EncryptedPatientRecords1763884100002 } from './1763884100002-EncryptedPatientRecords.js';
import { EncryptedMessages1763884100003 } from './1763884100003-EncryptedMessages.js';
import { EncryptedContacts1763884100004 } from './1763884100004-EncryptedContacts.js';
import { PhoneLinks1763884100005 } from './1763884100005-PhoneLinks.js';
import { AuditActions1763884300000 } from './1763884300000-AuditActions.js';
import { Holds1763885000000 } from './1763885000000-Holds.js';
import { AppointmentsByChange1763885100000 } from './1763885100000-AppointmentsByChange.js';
import { BookingPolicies1763885200000 } from './1763885200000-BookingPolicies.js';
import { ServicePolicies1763885200001 } from './1763885200001-ServicePolicies.js';
import { Queue1763885300000 } from './1763885300000-Queue.js';
import { CalendarFeeds1763885500000 } from './1763885500000-CalendarFeeds.js';
import { VideoLinks1763885500001 } from './1763885500001-VideoLinks.js';
import { Unmerges1763885600000 } from './1763885600000-Unmerges.js';
import { Guardians1763885600001 } from './1763885600001-Guardians.js';
import { Series1763886000000 } from './1763886000000-Series.js';
import { Waitlist1763886100000 } from './1763886100000-Waitlist.js';
import { ClinicClosures1763886200000 } from './1763886200000-ClinicClosures.js';
import { BulkChanges1763886200001 } from './1763886200001-BulkChanges.js';
import { Rebookings1763886300000 } from './1763886300000-Rebookings.js';
import { Referrals1763886300001 } from './1763886300001-Referrals.js';
import { ReferralReminders1763886300002 } from './1763886300002-ReferralReminders.js';
import { ReviewsAndWaitlistReferrals1763886400000 } from './1763886400000-ReviewsAndWaitlistReferrals.js';
import { MessagesAboutSeveralVisits1763886500000 } from './1763886500000-MessagesAboutSeveralVisits.js';
import { Webhooks1763887000000 } from './1763887000000-Webhooks.js';
import { Prices1763887200000 } from './1763887200000-Prices.js';
import { Payments1763887200001 } from './1763887200001-Payments.js';
import { DailyReports1763888000000 } from './1763888000000-DailyReports.js';
import { Imports1763889000000 } from './1763889000000-Imports.js';
import { LegacyRecords1763890000000 } from './1763890000000-LegacyRecords.js';
import { ScanSets1763891000040 } from './1763891000040-ScanSets.js';
import { Partitions1763891000050 } from './1763891000050-Partitions.js';
import { PartitionedAuditLog1763891000051 } from './1763891000051-PartitionedAuditLog.js';
import { PartitionedOutbox1763891000052 } from './1763891000052-PartitionedOutbox.js';
import { PartitionedNotification1763891000053 } from './1763891000053-PartitionedNotification.js';

/** Every migration, oldest first. */
export const MIGRATIONS: MigrationClass[] = [
  Foundation1763700000000,
  OutboxRelay1763800000000,
  DevMailbox1763805000000,
  Notifications1763810000000,
  Scans1763820000000,
  StrokeAssessments1763830000000,
  ConversationsAndFaqs1763840000000,
  Favorites1763850000000,
  BulkDeliveries1763856000000,
  UpcomingPerClient1763860000000,
  AccountAddresses1763870000000,
  ClinicCountries1763871000000,
  UnicodeSearch1763871100000,
  ClinicRecords1763871200000,
  StaffNotes1763872000000,
  NeuroaidIds1763875000000,
  MigrationMarks1763876000000,
  ScheduleRevision1763880000000,
  CacheRevisions1763881000000,
  ScheduleRevisionEveryChange1763881500000,
  TypeormMetadata1763882000000,
  ReminderPlans1763882300000,
  ChatIdempotency1763882500000,
  MultiFactor1763883200000,
  AccountLinks1763883300000,
  AuditChain1763883400000,
  Invitations1763883600000,
  ClientMerges1763883600001,
  ApiKeys1763883700000,
  IdentityProviders1763883800000,
  BreakGlass1763884000000,
  Consents1763884000001,
  Erasures1763884000002,
  WrappedKeys1763884100000,
  EncryptedVisitTexts1763884100001,
  EncryptedPatientRecords1763884100002,
  EncryptedMessages1763884100003,
  EncryptedContacts1763884100004,
  PhoneLinks1763884100005,
  AuditActions1763884300000,
  Holds1763885000000,
  AppointmentsByChange1763885100000,
  BookingPolicies1763885200000,
  ServicePolicies1763885200001,
  Queue1763885300000,
  CalendarFeeds1763885500000,
  VideoLinks1763885500001,
  Unmerges1763885600000,
  Guardians1763885600001,
  Series1763886000000,
  Waitlist1763886100000,
  ClinicClosures1763886200000,
  BulkChanges1763886200001,
  Rebookings1763886300000,
  Referrals1763886300001,
  ReferralReminders1763886300002,
  ReviewsAndWaitlistReferrals1763886400000,
  MessagesAboutSeveralVisits1763886500000,
  Webhooks1763887000000,
  Prices1763887200000,
  Payments1763887200001,
  DailyReports1763888000000,
  Imports1763889000000,
  LegacyRecords1763890000000,
  ScanSets1763891000040,
  Partitions1763891000050,
  PartitionedAuditLog1763891000051,
  PartitionedOutbox1763891000052,
  PartitionedNotification1763891000053,
];
