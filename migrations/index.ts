import { Foundation1763700000000 } from './1763700000000-Foundation.js';
import { Scans1763820000000 } from './1763820000000-Scans.js';

/** Every migration, oldest first. */
export const MIGRATIONS = [Foundation1763700000000, Scans1763820000000];
