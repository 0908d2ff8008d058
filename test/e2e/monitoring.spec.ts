import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Metric, Registry } from 'prom-client';
import { parse } from 'yaml';
import { backupRegistry } from '../../src/backup/backup-metrics.js';
import { ConfigSchema } from '../../src/core/config/config.js';
import { registry } from '../../src/core/metrics/registry.js';
import { MetricSources } from '../../src/core/metrics/metric-sources.js';
import { TestApp } from '../support/app.js';
import { eventually, within } from '../support/eventually.js';
import { readPromQl } from '../support/promql.js';
import { findBookableService } from '../support/slots.js';

/** docs/monitoring.md, docs/runbook.md and deploy/monitoring, compared with a running application. */

const METRICS_TOKEN = 'hK3vQz8LrT1mXw5pNc7d';
const run = promisify(execFile);

/** Prometheus adds these to every series. */
const TARGET_LABELS = ['job', 'instance'];
/** The names of the series of a histogram, besides its own. */
const SUFFIX = /_(bucket|sum|count)$/;

interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string; threshold: string; runbook_url: string };
}

let app: TestApp;
let scraped: string;
let rules: Rule[];

beforeAll(async () => {
  app = await TestApp.start({ METRICS_TOKEN });
  scraped = await scrape();
  const file = parse(await readFile('deploy/monitoring/alerts.yml', 'utf8')) as { groups: { rules: Rule[] }[] };
  rules = file.groups.flatMap((group) => group.rules);
});
afterAll(async () => app?.close());

async function scrape(): Promise<string> {
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  const answer = await within('a scrape', fetch(`${app.url}/metrics`, { headers }));
  expect(answer.status).toBe(200);
  return answer.text();
}

/** The value of a series; undefined if there is none. */
const readValue = (text: string, series: string): number | undefined => {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

interface Definition {
  name: string;
  type: string;
  labels: string[];
}

/** Name, type and labels of all metrics that the application defines, or another registry has. */
const listDefinitions = (of: Registry = registry): Definition[] =>
  of.getMetricsAsArray().map((metric) => {
    const { labelNames } = metric as unknown as { labelNames: string[] };
    return {
      name: metric.name,
      type: (metric as unknown as Metric).constructor.name.toLowerCase(),
      labels: labelNames,
    };
  });

/** Metrics of other programs that the rules may use: those of Prometheus and of kube-state-metrics. */
const FOREIGN: Definition[] = [
  { name: 'up', type: 'gauge', labels: [] },
  { name: 'kube_cronjob_status_last_successful_time', type: 'gauge', labels: ['namespace', 'cronjob'] },
];

/** What an expression uses that neither the application nor a backup has. */
function findUnknown(expression: string): string[] {
  const { metrics, labels, isValid } = readPromQl(expression);
  const all = [...listDefinitions(), ...listDefinitions(backupRegistry), ...FOREIGN];
  const known = new Map(all.map((metric) => [metric.name, metric]));
  const used = metrics.map((name) => known.get(name) ?? known.get(name.replace(SUFFIX, '')) ?? name);
  const ownLabels = used.flatMap((metric) => (typeof metric === 'string' ? [] : metric.labels));
  return [
    ...(isValid ? [] : [`not PromQL: ${expression}`]),
    ...used.filter((metric) => typeof metric === 'string'),
    ...labels.filter((label) => ![...ownLabels, ...TARGET_LABELS, 'le'].includes(label)),
  ];
}

describe('/metrics', () => {
  it('has, with the file of a backup, exactly the metrics of docs/monitoring.md, with their types and labels', async () => {
    const page = await readFile('docs/monitoring.md', 'utf8');
    const rows = page.matchAll(/^\| `((?:careslot|process|nodejs)_\w+)`\s*\| (\w+)\s*\| ([^|]*)\|/gm);
    const listed = [...rows].map(([, name = '', type = '', labels = '']) => ({
      name,
      type,
      labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label as string),
    }));
    const byName = (a: { name: string }, b: { name: string }): number => a.name.localeCompare(b.name);
    expect(listed.sort(byName)).toEqual([...listDefinitions(), ...listDefinitions(backupRegistry)].sort(byName));
    for (const { name } of listDefinitions()) expect(scraped).toContain(`# TYPE ${name} `);
  });

  it('names metrics as Prometheus has it, with a unit where there is one', () => {
    for (const { name, type } of listDefinitions().filter((metric) => metric.name.startsWith('careslot_'))) {
      expect(name).toMatch(/^[a-z_]+$/);
      if (type === 'counter') expect(name).toMatch(/_total$/);
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    }
  });

  it('shows the state of the process and of what it depends on', () => {
    expect(readValue(scraped, 'careslot_database_up')).toBe(1);
    expect(readValue(scraped, 'careslot_database_schema_current')).toBe(1);
    expect(readValue(scraped, 'careslot_db_pool_size{pool="relay"}')).toBe(1);
    expect(readValue(scraped, 'careslot_db_pool_waiting{pool="requests"}')).toBe(0);
    expect(scraped).toMatch(/^careslot_build_info\{version="[\d.]+",runs_jobs="true"\} 1$/m);
    for (const source of ['database', 'outbox', 'notifications']) {
      expect(readValue(scraped, `careslot_metric_source_up{source="${source}"}`)).toBe(1);
    }
  });

  it('counts bookings by outcome and source, messages by channel, kind and result, and errors by code', async () => {
    const [first, second] = await app.patients(2);
    const { serviceId, doctorId, slots } = await findBookableService(app, 'Video visit');
    await app.db.query(`UPDATE user_account SET email_verified_at = now() WHERE id = $1`, [first?.userId]);
    const book = async (token: string | undefined, startDateTime: string | undefined): Promise<number> => {
      const body = { serviceId, doctorId, startDateTime };
      return (await app.call('POST', '/api/v1/appointments', { token, body })).status;
    };
    // Earlier spec files of this Jest worker counted in the same registry.
    const before = await scrape();
    const added = (text: string, metric: string): number =>
      (readValue(text, metric) ?? 0) - (readValue(before, metric) ?? 0);
    expect(await book(first?.token, slots[0])).toBe(201);
    expect(await book(second?.token, slots[0])).toBe(409);
    expect(await book(second?.token, '2020-01-01T09:00:00Z')).toBe(422);
    await eventually(async () => {
      const text = await scrape();
      const patient = (labels: string): number =>
        added(text, `careslot_bookings_total{outcome=${labels},source="patient"}`);
      expect(patient('"booked",reason=""')).toBe(1);
      expect(patient('"conflict",reason=""')).toBe(1);
      expect(patient('"refused",reason="INSIDE_NOTICE"')).toBe(1);
      const conflict =
        'careslot_http_errors_total{method="POST",route="/api/v1/appointments",code="APPOINTMENT_CONFLICT"}';
      expect(added(text, conflict)).toBe(1);
      const booked = 'careslot_messages_total{channel="EMAIL",kind="APPOINTMENT_BOOKED",result="SENT"}';
      expect(added(text, booked)).toBeGreaterThan(0);
      // Shown when Redis answers.
      expect(readValue(text, 'careslot_queue_jobs{queue="deliveries",state="waiting"}')).toBeGreaterThanOrEqual(0);
    });
  });

  it('never has ids in labels', async () => {
    expect(await scrape()).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  });

  it('answers while a source hangs, without its old figures', async () => {
    const sources = app.app.get(MetricSources);
    const cleared: string[] = [];
    let release: () => void = () => undefined;
    sources.register({
      name: 'hangs',
      read: () => new Promise((resolve) => (release = resolve)),
      clear: () => cleared.push('hangs'),
    });
    const text = await scrape();
    expect(cleared).toEqual(['hangs']);
    expect(readValue(text, 'careslot_metric_source_up{source="hangs"}')).toBe(0);
    expect(readValue(text, 'careslot_metric_source_up{source="outbox"}')).toBe(1);
    release();
  });
});

describe('the alert rules', () => {
  it('use only metrics and labels of the application', () => {
    expect(rules.length).toBeGreaterThan(25);
    for (const { alert, expr } of rules) expect({ alert, unknown: findUnknown(expr) }).toEqual({ alert, unknown: [] });
  });

  it('would not pass with a metric or label that does not exist, or with a text that is no PromQL', () => {
    expect(findUnknown('max(careslot_db_replica_lag_secs) > 5')).toEqual(['careslot_db_replica_lag_secs']);
    expect(findUnknown('max by (replica) (careslot_db_replica_lag_seconds) > 5')).toEqual(['replica']);
    expect(findUnknown('time() - max(careslot_backup_last_success) > 93600')).toEqual(['careslot_backup_last_success']);
    expect(findUnknown('max(careslot_db_replica_lag_seconds >')).toEqual([expect.stringMatching(/^not PromQL/)]);
  });

  it('call a replica late when the processes no longer read it', () => {
    const { expr } = rules.find(({ alert }) => alert === 'CareSlotReplicaLate') as Rule;
    const limit = ConfigSchema.shape.DATABASE_READ_MAX_LAG_SECONDS.parse(undefined);
    expect(expr).toMatch(new RegExp(`careslot_db_replica_lag_seconds\\) > ${limit}$`));
  });

  it('have a severity, a time, a summary, and a threshold with its unit that the expression has', () => {
    const names = rules.map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    for (const rule of rules) {
      expect(rule.alert).toMatch(/^CareSlot[A-Z]\w+$/);
      expect(rule.for).toMatch(/^\d+[smh]$/);
      expect(['critical', 'warning']).toContain(rule.labels.severity);
      expect(rule.annotations.summary).not.toBe('');
      expect(rule.annotations.threshold).toMatch(/^\d+(\.\d+)? (s|MB|%|[a-z])/);
    }
  });

  it('each lead to a section of the runbook that says what to do, and there is no other section', async () => {
    const page = await readFile('docs/runbook.md', 'utf8');
    const sections = page.split(/^### /m).slice(1);
    expect(sections.map((section) => section.split('\n')[0])).toEqual(rules.map(({ alert }) => alert));
    for (const [index, { alert, annotations }] of rules.entries()) {
      expect(annotations.runbook_url).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
      for (const part of ['Patients', 'Confirm', 'Do', 'Over', 'Hides']) {
        expect(sections[index]).toMatch(new RegExp(`^- \\*\\*${part}\\*\\*: \\S`, 'm'));
      }
      const mentioned = [...(sections[index] ?? '').matchAll(/\bCareSlot[A-Z]\w+/g)].map(([name]) => name);
      for (const name of mentioned) expect(rules.map((rule) => rule.alert)).toContain(name);
    }
  });
});

describe('the dashboard', () => {
  it('has panels with units whose expressions use only metrics and labels of the application', async () => {
    const dashboard = JSON.parse(await readFile('deploy/monitoring/dashboard.json', 'utf8')) as {
      schemaVersion: number;
      panels: { id: number; title: string; fieldConfig: { defaults: { unit: string } }; targets: { expr: string }[] }[];
    };
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { title, fieldConfig, targets } of dashboard.panels) {
      expect(fieldConfig.defaults.unit).not.toBe('');
      expect(targets.length).toBeGreaterThan(0);
      for (const { expr } of targets) expect({ title, unknown: findUnknown(expr) }).toEqual({ title, unknown: [] });
    }
  });
});

describe('the runbook', () => {
  const blocks = async (language: string): Promise<string[]> => {
    const page = await readFile('docs/runbook.md', 'utf8');
    return [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
      .filter(([, own]) => own === language)
      .map(([, , text]) => text ?? '');
  };

  it('has commands that work', async () => {
    const commands = (await blocks('sh')).filter((text) => !text.startsWith('# not run'));
    expect(commands).toHaveLength(3);
    const env = { PATH: process.env.PATH ?? '', CARESLOT_URL: app.url, METRICS_TOKEN };
    // The metrics of a Jest worker that has run many spec files are long.
    const options = { env, maxBuffer: 100 * 1024 * 1024 };
    for (const command of commands) expect((await run('sh', ['-ec', command], options)).stdout).not.toBe('');
  });

  it('has queries that work and return no encrypted or personal column', async () => {
    const queries = await blocks('sql');
    expect(queries).toHaveLength(9);
    for (const query of queries) {
      const { fields } = await app.db.query(query);
      expect(fields.map(({ name }) => name)).not.toContainEqual(
        expect.stringMatching(/(first|last)_name|email|phone|note|body|payload/),
      );
    }
  });

  it('has a query that names the newest month of each partitioned table', async () => {
    const query = (await blocks('sql')).find((text) => text.includes('month_partitions()')) ?? '';
    const { rows } = await app.db.query<{ parent: string; newest: string; until: Date }>(query);
    expect(rows.map(({ parent }) => parent)).toEqual(['audit_log', 'notification', 'outbox']);
    for (const { newest, until } of rows) {
      // A month is named by its first day.
      const month = until.getTime() - 15 * 86_400_000;
      expect(newest).toMatch(new RegExp(`_${new Date(month).toISOString().slice(0, 7).replace('-', '_')}$`));
    }
  });

  it('has an example of a scrape configuration with the jobs of the rules', async () => {
    const { scrape_configs: jobs, rule_files: files } = parse(
      await readFile('deploy/monitoring/prometheus.yml', 'utf8'),
    ) as { scrape_configs: { job_name: string; metrics_path: string }[]; rule_files: string[] };
    expect(files).toEqual(['alerts.yml']);
    expect(jobs.map(({ job_name }) => job_name)).toEqual(['careslot-api', 'careslot-worker', 'node']);
    for (const name of rules.flatMap(({ expr }) => [...expr.matchAll(/\bjob="([^"]*)"/g)].map(([, job]) => job))) {
      expect(jobs.map(({ job_name }) => job_name)).toContain(name);
    }
  });
});
