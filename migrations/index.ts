import { Foundation1763700000000 } from './1763700000000-Foundation.js';
import { Notifications1763810000000 } from './1763810000000-Notifications.js';

/** Every migration, oldest first. */
export const MIGRATIONS = [Foundation1763700000000, Notifications1763810000000];
