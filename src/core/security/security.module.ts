import { Global, Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { Config } from '../config/config.js';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { FreshProof } from './fresh-proof.js';
import { JwtStrategy } from './jwt.strategy.js';
import { LiveSessions } from './live-sessions.js';
import { MfaRequirements } from './mfa-requirements.js';
import { RateLimits } from './rate-limits.js';
import { TokenVerifier } from './token-verifier.js';
import { accessSignOptions, deriveKey } from './tokens.js';

@Global()
@Module({
  imports: [
    JwtModule.registerAsync({
      inject: [Config],
      useFactory: (config: Config) => ({
        secret: deriveKey(config.JWT_SECRET, 'access-token') as unknown as Buffer,
        signOptions: accessSignOptions(config.JWT_EXPIRES_IN),
      }),
    }),
  ],
  providers: [ApiKeyAuthenticator, FreshProof, JwtStrategy, LiveSessions, MfaRequirements, RateLimits, TokenVerifier],
  exports: [ApiKeyAuthenticator, FreshProof, JwtModule, LiveSessions, MfaRequirements, RateLimits, TokenVerifier],
})
export class SecurityModule {}
