import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { Config } from '../config/config.js';
import { AccessGuard } from './access.guard.js';
import { JwtStrategy } from './jwt.strategy.js';
import { LiveSessions } from './live-sessions.js';
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
  providers: [JwtStrategy, LiveSessions, RateLimits, TokenVerifier, { provide: APP_GUARD, useClass: AccessGuard }],
  exports: [JwtModule, LiveSessions, RateLimits, TokenVerifier],
})
export class SecurityModule {}
