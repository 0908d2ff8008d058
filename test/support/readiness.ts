const ANSWERS_WITHIN_MILLISECONDS = 5_000;

/** Whether a process reports that it is ready. Without an answer in time, it is not. */
export async function isReady(url: string): Promise<boolean> {
  const signal = AbortSignal.timeout(ANSWERS_WITHIN_MILLISECONDS);
  const answer = await fetch(`${url}/health/ready`, { signal }).catch(() => null);
  await answer?.text().catch(() => undefined);
  return answer?.ok ?? false;
}
