import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AppointmentsModule } from '../appointments/index.js';
import { AuthModule } from '../auth/index.js';
import { ClinicsModule } from '../clinics/index.js';
import { AccountLinksService } from './account-links.service.js';
import { BatchSender } from './batch-sender.js';
import { ChannelsModule } from './channels/channels.module.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import { DeliveryService } from './delivery.service.js';
import { InboxWriter } from './inbox-writer.js';
import { LinksController } from './links.controller.js';
import { LinksService } from './links.service.js';
import { Links } from './links.js';
import { Messages } from './messages.js';
import { NotificationsController } from './notifications.controller.js';
import { NotificationsListener } from './notifications.listener.js';
import { NotificationsRepository } from './notifications.repository.js';
import { NotificationsService } from './notifications.service.js';
import { Outlets } from './outlets.js';
import { PlanningRepository } from './planning.repository.js';
import { PlanningService } from './planning.service.js';
import { PreferencesController } from './preferences.controller.js';
import { PreferencesRepository } from './preferences.repository.js';
import { PreferencesService } from './preferences.service.js';
import { Templates } from './templates/templates.js';
import { Notification } from './notification.entity.js';
import { NotificationDevice } from './notification-device.entity.js';
import { NotificationPreference } from './notification-preference.entity.js';
import { PlannedNotification } from './planned-notification.entity.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([Notification, NotificationDevice, NotificationPreference, PlannedNotification]),
    AppointmentsModule,
    AuthModule,
    ChannelsModule,
    ClinicsModule,
  ],
  controllers: [NotificationsController, PreferencesController, LinksController],
  providers: [
    AccountLinksService,
    BatchSender,
    DeliveriesRepository,
    DeliveryService,
    InboxWriter,
    Links,
    LinksService,
    Messages,
    NotificationsListener,
    NotificationsRepository,
    NotificationsService,
    Outlets,
    PlanningRepository,
    PlanningService,
    PreferencesRepository,
    PreferencesService,
    Templates,
  ],
})
export class NotificationsModule {}
