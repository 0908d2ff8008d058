import { ApiPropertyOptional } from '@nestjs/swagger';

/** The default limit is the maximum, because the app does not request further pages. */
export const LIST_LIMIT = 100;

export const ListLimit = (): PropertyDecorator =>
  ApiPropertyOptional({ minimum: 1, maximum: LIST_LIMIT, default: LIST_LIMIT });
