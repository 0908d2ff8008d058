import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RateLimits } from '../../core/security/rate-limits.js';
import { AccountLinksModule } from '../account-links/index.js';
import { AuthModule } from '../auth/index.js';
import { ClientsModule } from '../clients/index.js';
import { UsersModule } from '../users/index.js';
import { ClaimsController } from './claims.controller.js';
import { ClaimsRepository } from './claims.repository.js';
import { ClaimsService } from './claims.service.js';
import { InvitationAcceptance } from './invitation-acceptance.service.js';
import { InvitationRequests } from './invitation-requests.service.js';
import { InvitationSignIn } from './invitation-sign-in.service.js';
import { Invitation } from './invitation.entity.js';
import {
  ClientInvitationsController,
  InvitationsController,
  UserInvitationsController,
} from './invitations.controller.js';
import { InvitationsListener } from './invitations.listener.js';
import { InvitationsRepository } from './invitations.repository.js';
import { InvitationsService } from './invitations.service.js';
import { OpenInvitations } from './open-invitations.js';

@Module({
  imports: [TypeOrmModule.forFeature([Invitation]), AccountLinksModule, AuthModule, ClientsModule, UsersModule],
  controllers: [ClaimsController, InvitationsController, UserInvitationsController, ClientInvitationsController],
  providers: [
    ClaimsRepository,
    ClaimsService,
    InvitationAcceptance,
    InvitationRequests,
    InvitationSignIn,
    InvitationsListener,
    InvitationsRepository,
    InvitationsService,
    OpenInvitations,
  ],
  exports: [InvitationAcceptance, InvitationSignIn, InvitationsService],
})
export class InvitationsModule {
  constructor(limits: RateLimits) {
    limits.define({
      claimUser: { points: 30, seconds: 60 * 60 },
      invitationIp: { points: 60, seconds: 15 * 60 },
    });
  }
}
