/*
 * Reads the report of `npm audit --omit=dev --json` from the standard input, and exits with 1 if it has a high or critical
 * vulnerability without a waiver. A waiver is dated: after its day, it no longer counts.
 */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

/** An accepted vulnerability of deploy/audit-waivers.json. */
export interface Waiver {
  /** The advisory, such as GHSA-xxxx-xxxx-xxxx. */
  advisory: string;
  reason: string;
  /** The last day, such as 2027-01-31. */
  until: string;
}

interface Advisory {
  url: string;
  title: string;
  severity: string;
}

interface Report {
  /** `via` has advisories, and names of packages that bring them. */
  vulnerabilities?: Record<string, { via: (Advisory | string)[] }>;
  message?: string;
}

const REFUSED = ['high', 'critical'];

/** @returns a line for each vulnerability that is not accepted. @throws Error if the report is not complete */
export function findRefused(report: Report, waivers: readonly Waiver[], today: string): string[] {
  // The registry can fail: then npm prints a report with a message only.
  if (!report.vulnerabilities) throw new Error(`npm audit gave no report: ${report.message ?? 'unknown error'}`);
  const accepted = waivers.filter(({ until }) => until >= today).map(({ advisory }) => advisory);
  const lines = Object.entries(report.vulnerabilities).flatMap(([name, { via }]) =>
    via
      .filter((one): one is Advisory => typeof one !== 'string' && REFUSED.includes(one.severity))
      .filter(({ url }) => !accepted.includes(url.split('/').at(-1) ?? ''))
      .map(({ url, title, severity }) => `${severity}: ${name}: ${title} (${url})`),
  );
  return [...new Set(lines)];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const waivers = JSON.parse(await readFile('deploy/audit-waivers.json', 'utf8')) as Waiver[];
  const report = JSON.parse(await text(process.stdin)) as Report;
  const refused = findRefused(report, waivers, new Date().toISOString().slice(0, 10));
  process.stdout.write(`${refused.join('\n') || 'No high or critical vulnerability without a waiver.'}\n`);
  process.exitCode = refused.length > 0 ? 1 : 0;
}
