import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import { mobilePaths } from './prefixes.js';
import { MobileHealthView } from './status.dto.js';

/** Answers while the process is running; the app only checks for status 200. `/health` checks dependencies. */
@ApiTags('NeuroAid')
@Controller(mobilePaths('health'))
export class MobileHealthController {
  @Get()
  @Operation({ summary: 'Check that the server answers', permission: 'public', bare: true, answer: MobileHealthView })
  health(): MobileHealthView {
    return { status: 'OK' };
  }
}

/** The app requests `/config` when a user enters a server's address, and only checks for status 200. */
@ApiTags('NeuroAid')
@Controller('config')
export class MobileConfigController {
  @Get()
  @Operation({
    summary: 'Check that this is a server for the mobile client',
    permission: 'public',
    answer: MobileHealthView,
  })
  config(): MobileHealthView {
    return { status: 'OK' };
  }
}
