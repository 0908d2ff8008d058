import { FaqsQuery } from '../faqs/index.js';
import { LIST_LIMIT, ListLimit } from './list-limit.js';

/** At most 100 at a time, in order. One language: without `locale` the best of Accept-Language, else English. */
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
