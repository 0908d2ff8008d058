import { Foundation1763700000000 } from './1763700000000-Foundation.js';
import { OutboxRelay1763800000000 } from './1763800000000-OutboxRelay.js';

/** Every migration, oldest first. */
export const MIGRATIONS = [Foundation1763700000000, OutboxRelay1763800000000];
