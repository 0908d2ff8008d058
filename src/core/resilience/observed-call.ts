import { performance } from 'node:perf_hooks';
import { startChildSpan } from '../tracing/tracing.js';
import { ProviderUnavailable, type ProviderError } from './provider-error.js';
import { providerCalls, providerDuration, toOutcome } from './provider-metrics.js';

type EndCall = (error?: ProviderError) => void;

/**
 * Observes a call of a provider by metrics and, if tracing is on, as a span.
 * @param url the span gets only its host
 * @returns ends the observation
 */
export function observeCall({ name: provider, url }: { name: string; url?: string | undefined }): EndCall {
  const start = performance.now();
  const span = startChildSpan(`provider ${provider}`, 'CLIENT', {
    'peer.service': provider,
    ...(url !== undefined && { 'server.address': new URL(url).hostname }),
  });
  let hasEnded = false;
  return (error) => {
    if (hasEnded) return;
    hasEnded = true;
    providerCalls.inc({ provider, outcome: error ? toOutcome(error) : 'ok' });
    // A call that was not made took no time of the provider.
    if (!(error instanceof ProviderUnavailable)) {
      providerDuration.observe({ provider }, (performance.now() - start) / 1000);
    }
    span?.end(error?.reason);
  };
}
