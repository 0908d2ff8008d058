import { FaqsQuery } from '../faqs/index.js';
import { LIST_LIMIT, ListLimit } from './list-limit.js';

/** Returns at most 100 FAQs in one language: `locale`, otherwise the best match of Accept-Language, otherwise English. */
export class MobileFaqsQuery extends FaqsQuery {
  @ListLimit()
  override limit: number = LIST_LIMIT;
}

export class MobileFaqView {
  /** @example 1000001 */
  id: number;
  /** @example How do I book an appointment? */
  question: string;
  /** Plain text. @example Choose a doctor and a free time, then confirm. */
  answer: string;
  /** @example en */
  locale: string;
  /** @example Booking */
  category: string | null;
}
