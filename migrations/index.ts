import { Foundation1763700000000 } from './1763700000000-Foundation.js';
import { ConversationsAndFaqs1763840000000 } from './1763840000000-ConversationsAndFaqs.js';

/** Every migration, oldest first. */
export const MIGRATIONS = [Foundation1763700000000, ConversationsAndFaqs1763840000000];
