import { ApiPropertyOptional } from '@nestjs/swagger';

/** Lists here are as long as lists get: the client does not page. */
export const LIST_LIMIT = 100;

export const ListLimit = (): PropertyDecorator =>
  ApiPropertyOptional({ minimum: 1, maximum: LIST_LIMIT, default: LIST_LIMIT });
