import { IsInt, IsOptional, IsString, Length, Matches, Max, MaxLength, Min } from 'class-validator';
import { PageQuery } from '../../core/http/page.js';
import { LanguageTag, MayBeLeftOut, ThingName, Trimmed } from '../../core/http/text.js';

const TOPIC = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

export class FaqView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** The same for all translations of a question. @example how-to-book */
  topic: string;
  /** @example en */
  locale: string;
  /** @example How do I book an appointment? */
  question: string;
  /** Plain text. @example Choose a doctor and a free time, then confirm. */
  answer: string;
  /** @example Booking */
  category: string | null;
  /** @example 10 */
  position: number;
  /** @example 1 */
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

export class CreateFaq {
  /** The same for all translations of a question. Default: a new topic. @example how-to-book */
  @MayBeLeftOut()
  @IsString()
  @Length(1, 100)
  @Matches(TOPIC, { message: 'must be lower-case words joined by dashes' })
  topic?: string;

  /** @example en */
  @LanguageTag()
  locale: string;

  /** @example How do I book an appointment? */
  @Trimmed()
  @IsString()
  @Length(3, 500)
  question: string;

  /** Plain text. @example Choose a doctor and a free time, then confirm. */
  @Trimmed()
  @IsString()
  @Length(1, 10_000)
  answer: string;

  /** @example Booking */
  @IsOptional()
  @ThingName()
  @IsString()
  @Length(1, 100)
  category?: string | null;

  /** FAQs are sorted by position, ascending. @example 10 */
  @MayBeLeftOut()
  @IsInt()
  @Min(0)
  @Max(100_000)
  position?: number;
}

export class ChangeFaq {
  /** @example how-to-book */
  @MayBeLeftOut()
  @IsString()
  @Length(1, 100)
  @Matches(TOPIC, { message: 'must be lower-case words joined by dashes' })
  topic?: string;

  /** @example en */
  @MayBeLeftOut()
  @LanguageTag()
  locale?: string;

  /** @example How do I book an appointment? */
  @MayBeLeftOut()
  @Trimmed()
  @IsString()
  @Length(3, 500)
  question?: string;

  /** @example Choose a doctor and a free time, then confirm. */
  @MayBeLeftOut()
  @Trimmed()
  @IsString()
  @Length(1, 10_000)
  answer?: string;

  /** @example Booking */
  @IsOptional()
  @ThingName()
  @IsString()
  @Length(1, 100)
  category?: string | null;

  /** @example 10 */
  @MayBeLeftOut()
  @IsInt()
  @Min(0)
  @Max(100_000)
  position?: number;
}

export class FaqsQuery extends PageQuery {
  /** The reader's language: returns for each topic the best translation, such as `ar-EG`, `ar` or `en`. Default: all. @example ar-EG */
  @IsOptional()
  @LanguageTag()
  locale?: string;

  /** Words of the question or the answer; the best match comes first. @example cancel */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  q?: string;

  /** @example Booking */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  category?: string;
}
