import { z } from 'zod';

/** Days; not set: everything is kept. */
const days = z.coerce.number().int().min(1).max(36_500).optional();

/** How long data is kept (docs/privacy.md). */
export const RETENTION_SETTINGS = {
  RETENTION_MESSAGE_DAYS: days,
  RETENTION_VISIT_TEXT_DAYS: days,
  RETENTION_SCAN_DAYS: days,
  RETENTION_ASSESSMENT_DAYS: days,
  RETENTION_EMERGENCY_REASON_DAYS: days,
  RETENTION_INACTIVE_PATIENT_DAYS: days,
} as const;

/** The settings of old months of partitioned tables, which only the command `partitions` reads. */
export const PARTITION_SETTINGS = {
  RETENTION_MESSAGE_DAYS: days,
  /** Not set: the audit log is kept. */
  RETENTION_AUDIT_MONTHS: z.coerce.number().int().min(1).max(1_200).optional(),
  RETENTION_AUDIT_DETACHED: z.enum(['keep', 'drop']).default('keep'),
} as const;

export type PartitionSettings = z.infer<z.ZodObject<typeof PARTITION_SETTINGS>>;

export type RetentionSettings = Readonly<Partial<Record<keyof typeof RETENTION_SETTINGS, number>>>;

export const hasRetention = (settings: RetentionSettings): boolean =>
  (Object.keys(RETENTION_SETTINGS) as (keyof RetentionSettings)[]).some((name) => settings[name] !== undefined);
