/** The CPU time of this process that the work takes, in seconds. Other processes on the machine do not change it. */
export function measureCpuSeconds(work: () => void): number {
  const start = process.cpuUsage();
  work();
  return process.cpuUsage(start).user / 1_000_000;
}
