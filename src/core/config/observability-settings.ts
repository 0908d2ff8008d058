import { z } from 'zod';
import { url } from './variable-types.js';

/** The standard names of OpenTelemetry's samplers. */
const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof SAMPLERS)[number];

/** `name=value,name=value`, with percent-encoded values, as OpenTelemetry has it. */
const pairs = z
  .string()
  .default('')
  .transform((text, context) => {
    const result: Record<string, string> = {};
    for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
      const [, name, value] = /^\s*([^=\s]+)\s*=(.*)$/.exec(pair) ?? [];
      if (name === undefined || value === undefined) {
        context.addIssue({ code: 'custom', message: 'must be name=value, separated by commas' });
        return z.NEVER;
      }
      try {
        result[name] = decodeURIComponent(value.trim());
      } catch {
        context.addIssue({ code: 'custom', message: 'contains a % that is not the start of an escape sequence' });
        return z.NEVER;
      }
    }
    return result;
  });

/** Whether Sentry's SDK accepts the text: https://key@host/number, perhaps with a path. */
const isDsn = (text: string): boolean =>
  URL.canParse(text) &&
  /^https?:$/.test(new URL(text).protocol) &&
  /^\w+$/.test(new URL(text).username) &&
  /\/\d+$/.test(new URL(text).pathname);

/** Where traces and errors are sent. Without an address, nothing is sent and no library for it is loaded. */
export const OBSERVABILITY_SETTINGS = {
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http:', 'https:').optional(),
  OTEL_EXPORTER_OTLP_HEADERS: pairs,
  OTEL_SERVICE_NAME: z.string().default('careslot'),
  OTEL_RESOURCE_ATTRIBUTES: pairs,
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  SENTRY_DSN: z.string().refine(isDsn, 'must be a DSN of Sentry, such as https://key@sentry.example/1').optional(),
  SENTRY_ENVIRONMENT: z.string().optional(),
  SENTRY_RELEASE: z.string().optional(),
} as const;
