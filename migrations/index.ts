import { Foundation1763700000000 } from './1763700000000-Foundation.js';
import { DevMailbox1763805000000 } from './1763805000000-DevMailbox.js';

/** Every migration, oldest first. */
export const MIGRATIONS = [Foundation1763700000000, DevMailbox1763805000000];
