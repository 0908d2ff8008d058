import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { FreshProof } from '../../core/security/fresh-proof.js';
import { MfaRequirements } from '../../core/security/mfa-requirements.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { AccountLinksModule } from '../account-links/index.js';
import { UsersModule } from '../users/index.js';
import { AccountChangeService } from './account-change.service.js';
import { AccountsController } from './accounts.controller.js';
import { AddressLinks } from './address-links.js';
import { AuthController } from './auth.controller.js';
import { AuthMaintenance } from './auth-maintenance.js';
import { AuthService } from './auth.service.js';
import { EmailChangeService } from './email-change.service.js';
import { EmailVerificationListener } from './email-verification.listener.js';
import { EmailVerificationService } from './email-verification.service.js';
import { LinkedAccountsRepository } from './linked-accounts.repository.js';
import { MfaFactor } from './mfa/mfa-factor.entity.js';
import { MfaRecoveryCode } from './mfa/mfa-recovery-code.entity.js';
import { MfaChanges } from './mfa/mfa-changes.js';
import { MfaController } from './mfa/mfa.controller.js';
import { MfaRepository } from './mfa/mfa.repository.js';
import { MfaSecrets } from './mfa/mfa-secrets.js';
import { PendingSignIn } from './mfa/pending-sign-in.entity.js';
import { PendingSignIns } from './mfa/pending-sign-ins.js';
import { PendingSignInsRepository } from './mfa/pending-sign-ins.repository.js';
import { MfaService } from './mfa/mfa.service.js';
import { VerifiedSignIns } from './mfa/verified-sign-ins.js';
import { ReauthenticationController } from './mfa/reauthentication.controller.js';
import { ReauthenticationService } from './mfa/reauthentication.service.js';
import { SecondFactor } from './mfa/second-factor.service.js';
import { CodeExchangeService } from './oidc/code-exchange.service.js';
import { IdentitiesController } from './oidc/identities.controller.js';
import { IdentitiesRepository } from './oidc/identities.repository.js';
import { IdentitiesService } from './oidc/identities.service.js';
import { IdentityLinksService } from './oidc/identity-links.service.js';
import { IdentityProviders } from './oidc/identity-providers.js';
import { OidcController } from './oidc/oidc.controller.js';
import { ProviderAccountsService } from './oidc/provider-accounts.service.js';
import { ProviderCallbacksService } from './oidc/provider-callbacks.service.js';
import { ProviderCodes } from './oidc/provider-codes.js';
import { ProviderIdentity } from './oidc/provider-identity.entity.js';
import { ProviderRequestsService } from './oidc/provider-requests.service.js';
import { ProviderSignIn } from './oidc/provider-sign-in.entity.js';
import { ProviderSignInsRepository } from './oidc/provider-sign-ins.repository.js';
import { RequestCookie } from './oidc/request-cookie.js';
import { PasswordController } from './password.controller.js';
import { PasswordResetListener } from './password-reset.listener.js';
import { PasswordResetRequests } from './password-reset-requests.js';
import { PasswordResetService } from './password-reset.service.js';
import { PasswordChangeService } from './password-change.service.js';
import { RefreshCookie } from './refresh-cookie.js';
import { SelfRegistrationService } from './self-registration.service.js';
import { SessionTokens } from './session-tokens.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';
import { SignInLimits } from './sign-in-limits.js';
import { SignOutService } from './sign-out.service.js';
import { Session } from './session.entity.js';
import { AuthLiveChanges } from './auth-live-changes.js';

const QUARTER_HOUR_SECONDS = 15 * 60;

@Module({
  imports: [
    TypeOrmModule.forFeature([MfaFactor, MfaRecoveryCode, PendingSignIn, ProviderIdentity, ProviderSignIn, Session]),
    AccountLinksModule,
    UsersModule,
  ],
  controllers: [
    AccountsController,
    AuthController,
    PasswordController,
    MfaController,
    ReauthenticationController,
    OidcController,
    IdentitiesController,
  ],
  providers: [
    AuthLiveChanges,
    AccountChangeService,
    AddressLinks,
    AuthMaintenance,
    AuthService,
    EmailChangeService,
    EmailVerificationListener,
    EmailVerificationService,
    LinkedAccountsRepository,
    MfaChanges,
    MfaRepository,
    MfaSecrets,
    MfaService,
    PendingSignIns,
    PendingSignInsRepository,
    VerifiedSignIns,
    CodeExchangeService,
    IdentitiesRepository,
    IdentitiesService,
    IdentityLinksService,
    IdentityProviders,
    ProviderAccountsService,
    ProviderCallbacksService,
    ProviderCodes,
    ProviderRequestsService,
    ProviderSignInsRepository,
    RequestCookie,
    PasswordChangeService,
    PasswordResetListener,
    PasswordResetRequests,
    PasswordResetService,
    ReauthenticationService,
    SecondFactor,
    RefreshCookie,
    SelfRegistrationService,
    SessionTokens,
    SessionsRepository,
    SessionsService,
    SignInLimits,
    SignOutService,
  ],
  exports: [
    AccountChangeService,
    AddressLinks,
    AuthService,
    PasswordResetService,
    PendingSignIns,
    ReauthenticationService,
    RefreshCookie,
    SelfRegistrationService,
    SignInLimits,
    SignOutService,
  ],
})
export class AuthModule {
  constructor(
    limits: RateLimits,
    freshProof: FreshProof,
    mfa: MfaRequirements,
    reauthentication: ReauthenticationService,
  ) {
    mfa.registerSetup('POST /auth/mfa/setup');
    freshProof.register((actor, proof, ip) => reauthentication.assertFresh(actor, proof, { ip, userAgent: null }));
    limits.define({
      signInIpAndAccount: { points: 10, seconds: QUARTER_HOUR_SECONDS },
      signInAccount: { points: 100, seconds: 60 * 60 },
      signInIp: { points: 300, seconds: QUARTER_HOUR_SECONDS },
      registrationIp: { points: 2_000, seconds: 60 * 60 },
      mfaCodes: { points: 10, seconds: QUARTER_HOUR_SECONDS },
      mfaCodesPerDay: { points: 50, seconds: 24 * 60 * 60 },
      resetRequestIp: { points: 100, seconds: QUARTER_HOUR_SECONDS },
      resetRequestAddress: { points: 5, seconds: QUARTER_HOUR_SECONDS },
      emailChanges: { points: 5, seconds: 24 * 60 * 60 },
      accountLinkIp: { points: 100, seconds: QUARTER_HOUR_SECONDS },
      // A sign-in has three requests.
      providerIp: { points: 900, seconds: QUARTER_HOUR_SECONDS },
      refreshIp: { points: 3_000, seconds: QUARTER_HOUR_SECONDS },
    });
  }
}
