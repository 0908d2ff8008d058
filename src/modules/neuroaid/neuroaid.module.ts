import { Module } from '@nestjs/common';
import { AiModule } from '../ai/index.js';
import { AppointmentsModule } from '../appointments/index.js';
import { AuthModule } from '../auth/index.js';
import { ClinicsModule } from '../clinics/index.js';
import { DoctorsModule } from '../doctors/index.js';
import { FaqsModule } from '../faqs/index.js';
import { FavoritesModule } from '../favorites/index.js';
import { ScansModule } from '../scans/index.js';
import { StrokeModule } from '../stroke/index.js';
import { UsersModule } from '../users/index.js';
import { MobileAccountsController } from './accounts.controller.js';
import { MobileAiController } from './ai.controller.js';
import { BookingRequests } from './booking-requests.js';
import { BookingViews } from './booking-views.js';
import { MobileBookingsController } from './bookings.controller.js';
import { MobileChatController } from './chat.controller.js';
import { MobileDoctorsController } from './doctors.controller.js';
import { MobileFaqsController } from './faqs.controller.js';
import { MobileFavoritesController } from './favorites.controller.js';
import { ImageAnalysis } from './image-analysis.js';
import { MobileScansController } from './scans.controller.js';

/** The routes of the NeuroAid mobile client: other names and shapes for what /api/v1 does, and no rule of their own. */
@Module({
  imports: [
    AiModule,
    AppointmentsModule,
    AuthModule,
    ClinicsModule,
    DoctorsModule,
    FaqsModule,
    FavoritesModule,
    ScansModule,
    StrokeModule,
    UsersModule,
  ],
  controllers: [
    MobileAccountsController,
    MobileDoctorsController,
    MobileBookingsController,
    MobileScansController,
    MobileFavoritesController,
    MobileAiController,
    MobileChatController,
    MobileFaqsController,
  ],
  providers: [BookingRequests, BookingViews, ImageAnalysis],
})
export class NeuroAidModule {}
