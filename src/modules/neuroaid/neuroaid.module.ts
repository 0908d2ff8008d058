import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AiModule } from '../ai/index.js';
import { AppointmentsModule } from '../appointments/index.js';
import { AuthModule } from '../auth/index.js';
import { ClientsModule } from '../clients/index.js';
import { ClinicsModule } from '../clinics/index.js';
import { DoctorsModule } from '../doctors/index.js';
import { FaqsModule } from '../faqs/index.js';
import { FavoritesModule } from '../favorites/index.js';
import { ScansModule } from '../scans/index.js';
import { SchedulingModule } from '../scheduling/index.js';
import { StrokeModule } from '../stroke/index.js';
import { UsersModule } from '../users/index.js';
import { MobileAccountsController } from './accounts.controller.js';
import { MobileAiController } from './ai.controller.js';
import { MobileAssessments } from './assessments.service.js';
import { BookingRequests } from './booking-requests.js';
import { BookingViews } from './booking-views.js';
import { MobileBookingsController } from './bookings.controller.js';
import { MobileChatController } from './chat.controller.js';
import { DoctorViews } from './doctor-views.js';
import { MobileDoctorsController } from './doctors.controller.js';
import { MobileFaqsController } from './faqs.controller.js';
import { MobileFavoritesController } from './favorites.controller.js';
import { ImageAnalysis } from './image-analysis.js';
import { MobileIdsRepository } from './mobile-ids.repository.js';
import { MobileSignInService } from './mobile-sign-in.service.js';
import { MobileIds } from './mobile-ids.service.js';
import { ScanViews } from './scan-views.js';
import { MobileScansController } from './scans.controller.js';
import { MobileConfigController, MobileHealthController } from './status.controller.js';
import { NeuroaidId } from './neuroaid-id.entity.js';

/** The routes of the NeuroAid app: /api/v1 with other names, formats and ids, without own rules. */
@Module({
  imports: [
    TypeOrmModule.forFeature([NeuroaidId]),
    AiModule,
    AppointmentsModule,
    AuthModule,
    ClientsModule,
    ClinicsModule,
    DoctorsModule,
    FaqsModule,
    FavoritesModule,
    ScansModule,
    SchedulingModule,
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
    MobileHealthController,
    MobileConfigController,
  ],
  providers: [
    BookingRequests,
    BookingViews,
    DoctorViews,
    ImageAnalysis,
    MobileAssessments,
    MobileIds,
    MobileSignInService,
    MobileIdsRepository,
    ScanViews,
  ],
  exports: [MobileIds],
})
export class NeuroAidModule {}
