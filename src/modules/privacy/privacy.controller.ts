import { Body, Controller, Get, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { StreamReply } from '../../core/http/careslot-adapter.js';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { getDevice } from '../auth/index.js';
import { ErasureRequests } from './erasure-requests.service.js';
import { ExportService } from './export.service.js';
import { EraseUser, ErasureView } from './privacy.dto.js';

@ApiTags('Privacy')
@Controller('api/v1/users/:id')
export class PrivacyController {
  constructor(
    private readonly exports: ExportService,
    private readonly erasures: ErasureRequests,
  ) {}

  @Get('export')
  @Operation({
    summary: 'Download everything that is stored about a person',
    description: `A ZIP with a JSON file for each kind of data, and the images. Your own data, or as an ADMIN anybody's. The session
      must be freshly proven: \`POST /auth/reauthenticate\`. Audited; five exports an hour.`,
    permission: 'user:own',
    rawContentType: 'application/zip',
    errors: ['NOT_FOUND', 'FORBIDDEN', 'RATE_LIMITED'],
  })
  async export(@CurrentActor() actor: Actor, @IdParam() id: string, @Req() request: Request): Promise<StreamReply> {
    const body = await this.exports.export(actor, id, getDevice(request));
    return new StreamReply(body, 200, {
      'Content-Type': 'application/zip',
      'Content-Disposition': `attachment; filename="export-${id.toLowerCase()}.zip"`,
      'Cache-Control': 'private, no-store, no-transform',
      'X-Content-Type-Options': 'nosniff',
    });
  }

  @Post('erase')
  @Operation({
    summary: 'Erase a person',
    description: `Yourself or, as an ADMIN, anybody. Cannot be undone. Needs fresh proof of identity: \`POST /auth/reauthenticate\`, or
      \`password\` and \`otp\`. Future appointments are cancelled; past visits stay without the person (docs/privacy.md). All sessions end.
      Repeating it returns the same answer. The last ADMIN gets \`IN_USE\`.`,
    permission: 'user:own',
    answer: ErasureView,
    errors: ['NOT_FOUND', 'FORBIDDEN', 'IN_USE', 'RATE_LIMITED'],
  })
  erase(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() proof: EraseUser,
    @Req() request: Request,
  ): Promise<ErasureView> {
    return this.erasures.erase(actor, id, proof, getDevice(request));
  }
}
