import { z } from 'zod';
import { integer, url } from './variable-types.js';

/** `EG:123,SA:997`: country codes (ISO 3166-1 alpha-2) and a number for each country. */
const numbersByCountry = z
  .string()
  .default('')
  .transform((text) => text.split(',').map((entry) => entry.trim().split(':')))
  .transform((entries) => entries.filter((entry) => entry.join('') !== ''))
  .refine((entries) => entries.every((entry) => /^[A-Z]{2}:[0-9+*#]{2,15}$/.test(entry.join(':'))), {
    message: 'must be countries and numbers, such as EG:123,SA:997',
  })
  .transform((entries) => Object.fromEntries(entries) as Readonly<Record<string, string>>);

/** The chat, and the numbers to call that it and the stroke assessment name. */
export const AI_SETTINGS = {
  AI_ENABLED: z.stringbool().default(false),
  AI_BASE_URL: url('http:', 'https:').optional(),
  AI_INSECURE: z.stringbool().default(false),
  AI_API_KEY: z.string().optional(),
  AI_MODEL: z.string().max(200).default('gpt-4o-mini'),
  AI_FIRST_TOKEN_MILLISECONDS: integer(10_000, 50, 300_000),
  AI_TOTAL_MILLISECONDS: integer(45_000, 100, 600_000),
  AI_RETRIES: integer(1, 0, 3),
  AI_BREAKER_RESET_MILLISECONDS: integer(15_000, 50, 600_000),
  AI_MAX_ANSWER_TOKENS: integer(600, 16, 8_000),
  AI_CONTEXT_TOKENS: integer(3_000, 200, 100_000),
  AI_TOKENS_PER_DAY: integer(50_000, 1, 100_000_000),
  AI_RETENTION_DAYS: integer(90, 1, 3_650),
  AI_HEARTBEAT_MILLISECONDS: integer(15_000, 10, 120_000),
  EMERGENCY_NUMBERS: numbersByCountry,
  CRISIS_LINES: numbersByCountry,
} as const;
