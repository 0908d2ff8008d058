import { BullModule } from '@nestjs/bull';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountLinksModule } from '../account-links/index.js';
import { AppointmentsModule } from '../appointments/index.js';
import { AuthModule } from '../auth/index.js';
import { ClientsModule } from '../clients/index.js';
import { ClinicsModule } from '../clinics/index.js';
import { InvitationsModule } from '../invitations/index.js';
import { ReportsModule } from '../reports/index.js';
import { UsersModule } from '../users/index.js';
import { WaitlistModule } from '../waitlist/index.js';
import { AccountLinkPages } from './account-link-pages.service.js';
import { ChannelDispatcher } from './channel-dispatcher.js';
import { ChannelsModule } from './channels/channels.module.js';
import { ClinicMessages } from './clinic-messages.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import { DeliveryRecipients } from './delivery-recipients.js';
import { DeliveryResultWriter } from './delivery-result-writer.js';
import { DeliveryScheduler } from './delivery-scheduler.js';
import { InvitationPages } from './invitation-pages.service.js';
import { LinksController } from './links.controller.js';
import { LinksService } from './links.service.js';
import { LinkTokens } from './link-tokens.js';
import { LinkedAppointments } from './linked-appointments.js';
import { MessageRenderer } from './message-renderer.js';
import { DELIVERIES_QUEUE, NotificationPlanner, REMINDERS_QUEUE } from './notification-planner.js';
import { NotificationsController } from './notifications.controller.js';
import { NotificationsListener } from './notifications.listener.js';
import { DeliveriesProcessor, RemindersProcessor } from './notifications.processor.js';
import { NotificationTexts } from './notification-texts.js';
import { OfferFacts } from './offer-facts.js';
import { OfferPages } from './offer-pages.service.js';
import { RecipientContacts } from './recipient-contacts.js';
import { NotificationsRepository } from './notifications.repository.js';
import { NotificationsService } from './notifications.service.js';
import { PlannedNotificationsRepository } from './planned-notifications.repository.js';
import { PreferencesController } from './preferences.controller.js';
import { PreferencesRepository } from './preferences.repository.js';
import { PreferencesService } from './preferences.service.js';
import { TimeLinkPages } from './time-link-pages.service.js';
import { ReferralRemindersRepository } from './referral-reminders.repository.js';
import { ReferralRemindersTask } from './referral-reminders.task.js';
import { Templates } from './templates/templates.js';
import { Notification } from './notification.entity.js';
import { NotificationDevice } from './notification-device.entity.js';
import { NotificationPreference } from './notification-preference.entity.js';
import { PlannedNotification } from './planned-notification.entity.js';
import { ReminderPlan } from './reminder-plan.entity.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([
      Notification,
      NotificationDevice,
      NotificationPreference,
      PlannedNotification,
      ReminderPlan,
    ]),
    AccountLinksModule,
    AppointmentsModule,
    AuthModule,
    BullModule.registerQueue({ name: DELIVERIES_QUEUE }, { name: REMINDERS_QUEUE }),
    ChannelsModule,
    ClientsModule,
    ClinicsModule,
    InvitationsModule,
    ReportsModule,
    UsersModule,
    WaitlistModule,
  ],
  controllers: [NotificationsController, PreferencesController, LinksController],
  providers: [
    AccountLinkPages,
    ChannelDispatcher,
    ClinicMessages,
    DeliveriesRepository,
    DeliveryRecipients,
    DeliveryResultWriter,
    DeliveryScheduler,
    InvitationPages,
    LinkTokens,
    LinkedAppointments,
    LinksService,
    MessageRenderer,
    NotificationPlanner,
    NotificationsListener,
    NotificationTexts,
    OfferFacts,
    OfferPages,
    RecipientContacts,
    NotificationsRepository,
    NotificationsService,
    PlannedNotificationsRepository,
    PreferencesRepository,
    PreferencesService,
    ReferralRemindersRepository,
    ReferralRemindersTask,
    Templates,
    TimeLinkPages,
  ],
  exports: [BullModule, DeliveryScheduler, LinkTokens, NotificationPlanner, NotificationsService],
})
export class NotificationsModule {}

/** The processors of the queues, for processes that run jobs. */
@Module({ imports: [NotificationsModule], providers: [DeliveriesProcessor, RemindersProcessor] })
export class NotificationsProcessorsModule {}
