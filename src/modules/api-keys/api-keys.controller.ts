import { Body, Controller, Delete, Get, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { getDevice, NEEDS_FRESH_PROOF, ReauthenticationService } from '../auth/index.js';
import { ApiKeyCreationService } from './api-key-creation.service.js';
import { ApiKeysQuery, ApiKeyView, CreateApiKey, CreatedApiKeyView } from './api-keys.dto.js';
import { ApiKeysService } from './api-keys.service.js';

@ApiTags('API keys')
@Controller('api/v1/api-keys')
export class ApiKeysController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly creation: ApiKeyCreationService,
    private readonly reauthentication: ReauthenticationService,
    private readonly limits: RateLimits,
  ) {}

  @Get()
  @Operation({
    summary: 'List API keys, newest first',
    description: 'A manager gets the keys of their clinics, and those they made. Revoked keys are not listed.',
    permission: 'api-key:manage',
    answer: [ApiKeyView],
    errors: ['BAD_CURSOR'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: ApiKeysQuery): Promise<Page<ApiKeyView>> {
    return this.keys.list(actor, query);
  }

  @Post()
  @Operation({
    summary: 'Create an API key for a machine',
    description:
      `${NEEDS_FRESH_PROOF} Send the key as the bearer token. It ` +
      'works like the front desk of its clinics, with the given permissions only, and only while its maker manages the clinics.',
    permission: 'api-key:manage',
    status: 201,
    answer: CreatedApiKeyView,
    message: 'Store the key now: it is not shown again.',
    idempotent: 'STORED_BY_USE_CASE',
    errors: ['FORBIDDEN', 'NOT_FOUND'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: CreateApiKey,
    @Req() request: Request,
  ): Promise<CreatedApiKeyView> {
    await this.reauthentication.assertFresh(actor, body, getDevice(request));
    await this.limits.consume('apiKeyCreation', actor.userId);
    return this.creation.create(actor, body);
  }

  @Delete(':id')
  @Operation({
    summary: 'Revoke an API key',
    description:
      'It stops working at once, and its sockets are closed. A manager who did not make the key removes it from their own clinics: it is ' +
      'revoked if no other clinic is left.',
    permission: 'api-key:manage',
    errors: ['NOT_FOUND'],
  })
  remove(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<null> {
    return this.keys.remove(actor, id);
  }
}
