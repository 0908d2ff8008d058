import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Config } from '../../core/config/config.js';
import { ApiKeyAuthenticator } from '../../core/security/api-key-authenticator.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { AuthModule } from '../auth/index.js';
import { UsersModule } from '../users/index.js';
import { ApiKeyActivity } from './api-key-activity.js';
import { ApiKeyChanges } from './api-key-changes.js';
import { ApiKeyCreationService } from './api-key-creation.service.js';
import { ApiKeyVerifier } from './api-key-verifier.js';
import { ApiKey } from './api-key.entity.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { ApiKeysService } from './api-keys.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([ApiKey]), AuthModule, UsersModule],
  controllers: [ApiKeysController],
  providers: [ApiKeyActivity, ApiKeyChanges, ApiKeyCreationService, ApiKeyVerifier, ApiKeysRepository, ApiKeysService],
  exports: [ApiKeysService],
})
export class ApiKeysModule {
  constructor(
    { API_KEY_REQUESTS_PER_MINUTE: points }: Config,
    limits: RateLimits,
    authenticator: ApiKeyAuthenticator,
    verifier: ApiKeyVerifier,
  ) {
    limits.define({ apiKey: { points, seconds: 60 }, apiKeyCreation: { points: 60, seconds: 60 * 60 } });
    authenticator.register(verifier);
  }
}
