import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { PageQuery } from '../../core/http/page.js';
import { MayBeLeftOut } from '../../core/http/text.js';
import { FEED_DETAILS, type FeedDetail } from './calendar-feed.entity.js';

export class CreateCalendarFeed {
  /** The doctor whose visits it has. The front desk must give it; patients and doctors leave it out. */
  @MayBeLeftOut()
  @IsUUID()
  doctorId?: string;

  /** FULL adds the service, and for a doctor the names of patients. Not for the front desk. Default: LIMITED. */
  @MayBeLeftOut()
  @IsIn(FEED_DETAILS)
  @ApiProperty({ enum: FEED_DETAILS, required: false })
  detail?: FeedDetail;
}

const FEED_SORTS = ['createdAt', '-createdAt'] as const;

export class CalendarFeedsQuery extends PageQuery {
  @IsOptional()
  @IsUUID()
  doctorId?: string;

  @IsOptional()
  @IsIn(FEED_SORTS)
  sort: (typeof FEED_SORTS)[number] = '-createdAt';
}

export class CalendarFeedView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** The secret link. Only in the answer that created it; null in lists and in an answer that is repeated. */
  @ApiProperty({ type: String, nullable: true, example: null })
  url: string | null;
  /** Null: your own visits as a patient. */
  @ApiProperty({ type: String, nullable: true, example: null })
  doctorId: string | null;
  @ApiProperty({ enum: FEED_DETAILS })
  detail: FeedDetail;
  /** The account that created it. */
  makerId: string;
  createdAt: Date;
}
