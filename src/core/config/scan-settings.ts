import { z } from 'zod';
import { integer, url } from './variable-types.js';

const PIXEL_RANGES = ['unit', 'signed', 'imagenet', 'raw'] as const;
export type PixelRange = (typeof PIXEL_RANGES)[number];

const MIB = 1024 * 1024;

/** Images, and the server that analyses them. */
export const SCAN_SETTINGS = {
  SCAN_MAX_BYTES: integer(50 * MIB, 1024, 1024 * MIB),
  SCAN_MAX_PIXELS: integer(50_000_000, 10_000, 250_000_000),
  SCAN_MAX_FRAMES: integer(2_000, 1, 100_000),
  SCAN_CLIENT_MAX_BYTES: integer(2048 * MIB, 1024, Number.MAX_SAFE_INTEGER),
  SCAN_CLIENT_MAX_COUNT: integer(500, 1, 1_000_000),
  SCAN_SET_MAX_IMAGES: integer(500, 1, 2_000),
  SCAN_SET_MAX_BYTES: integer(512 * MIB, 1024, 16 * 1024 * MIB),
  SCAN_STALL_SECONDS: integer(10, 1, 300),
  SCAN_MODEL_PROTOCOL: z.enum(['none', 'kserve', 'openai']).default('none'),
  SCAN_MODEL_URL: url('http:', 'https:').optional(),
  SCAN_MODEL_INSECURE: z.stringbool().default(false),
  SCAN_MODEL_NAME: z.string().optional(),
  SCAN_MODEL_VERSION: z.string().optional(),
  SCAN_MODEL_API_KEY: z.string().optional(),
  SCAN_MODEL_TIMEOUT_SECONDS: integer(30, 1, 600),
  SCAN_MODEL_MAX_IMAGES: integer(64, 1, 1_000),
  SCAN_MODEL_INPUT_SIDE: integer(224, 8, 1024),
  SCAN_MODEL_PIXEL_RANGE: z.enum(PIXEL_RANGES).default('unit'),
  SCAN_MODEL_LABELS: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((label) => label.trim() || []))
    .refine((labels) => new Set(labels).size === labels.length, { message: 'must not name a label twice' }),
  SCAN_MODEL_NEGATIVE_LABEL: z.string().optional(),
  SCAN_MODEL_ACTIVATION: z.enum(['none', 'softmax', 'sigmoid']).default('none'),
} as const;
