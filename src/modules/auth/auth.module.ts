import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UsersModule } from '../users/index.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { EmailTokens } from './email-tokens.js';
import { EmailVerification } from './email-verification.entity.js';
import { EmailVerificationListener } from './email-verification.listener.js';
import { EmailVerificationService } from './email-verification.service.js';
import { EmailVerificationsRepository } from './email-verifications.repository.js';
import { PasswordChangeService } from './password-change.service.js';
import { RefreshCookie } from './refresh-cookie.js';
import { RefreshTokens } from './refresh-tokens.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';
import { SignInLimits } from './sign-in-limits.js';
import { Session } from './session.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([EmailVerification, Session]), UsersModule],
  controllers: [AuthController],
  providers: [
    AuthService,
    EmailTokens,
    EmailVerificationListener,
    EmailVerificationService,
    EmailVerificationsRepository,
    PasswordChangeService,
    RefreshCookie,
    RefreshTokens,
    SessionsRepository,
    SessionsService,
    SignInLimits,
  ],
  exports: [AuthService, EmailTokens, EmailVerificationService, SignInLimits],
})
export class AuthModule {}
