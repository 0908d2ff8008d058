import { Counter, Gauge, Histogram } from 'prom-client';
import { registry } from '../metrics/registry.js';
import { ProviderUnavailable, type ProviderError } from './provider-error.js';

export const providerCalls = new Counter({
  name: 'careslot_provider_calls_total',
  help: 'Calls of providers by outcome: ok, failed, timeout, cancelled by the caller, or not_made (circuit open, pause, too many calls)',
  labelNames: ['provider', 'outcome'] as const,
  registers: [registry],
});
export const providerDuration = new Histogram({
  name: 'careslot_provider_call_duration_seconds',
  help: 'Time of a call of a provider with all attempts, by provider',
  labelNames: ['provider'] as const,
  buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  registers: [registry],
});
export const circuitState = new Gauge({
  name: 'careslot_provider_circuit_state',
  help: 'State of the circuit breaker of a provider in this process: 0 closed, 1 half-open, 2 open',
  labelNames: ['provider'] as const,
  aggregator: 'max',
  registers: [registry],
});

export const CIRCUIT = { closed: 0, halfOpen: 1, open: 2 } as const;

export function toOutcome(error: ProviderError): string {
  if (error instanceof ProviderUnavailable) return 'not_made';
  if (error.reason === 'TIMEOUT') return 'timeout';
  return error.reason === 'CLIENT_DISCONNECTED' ? 'cancelled' : 'failed';
}
