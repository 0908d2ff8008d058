import { createRequire } from 'node:module';
import type { MetadataJson } from 'libphonenumber-js/core';

/** The numbering plans of all countries, including the patterns of valid numbers (145 KB). */
export const metadata = createRequire(import.meta.url)('libphonenumber-js/metadata.max.json') as MetadataJson;
