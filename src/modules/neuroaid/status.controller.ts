import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import { mobilePaths } from './prefixes.js';
import { MobileHealthView } from './status.dto.js';

/** Answers while the process serves: the client looks at the status 200 only. `/health` checks the parts. */
@ApiTags('NeuroAid')
@Controller(mobilePaths('health'))
export class MobileHealthController {
  @Get()
  @Operation({ summary: 'Check that the server answers', permission: 'public', bare: true, answer: MobileHealthView })
  health(): MobileHealthView {
    return { status: 'OK' };
  }
}

/** The client asks for `/config` when somebody enters the address of a server. It looks at the status 200 only. */
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
