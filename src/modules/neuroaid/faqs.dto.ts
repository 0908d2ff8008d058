import { FaqsQuery } from '../faqs/index.js';

/** At most 100 at a time, in order. One language: without `locale` the best of Accept-Language, else English. */
export class MobileFaqsQuery extends FaqsQuery {
  override limit: number = 100;
}
