import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { findRefused } from '../../tools/audit-dependencies.js';

const FOLDER = '.github/workflows';

interface Job {
  permissions?: Record<string, string>;
  'timeout-minutes'?: number;
  steps: { uses?: string; run?: string; with?: Record<string, string> }[];
}

interface Workflow {
  permissions?: Record<string, string>;
  jobs: Record<string, Job>;
}

const texts = new Map<string, string>();
let scripts: Record<string, string>;

beforeAll(async () => {
  for (const name of await readdir(FOLDER)) texts.set(name, await readFile(join(FOLDER, name), 'utf8'));
  ({ scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: Record<string, string> });
});

const workflow = (name: string): Workflow => parse(texts.get(name) ?? '') as Workflow;
const listJobs = (name: string): [string, Job][] => Object.entries(workflow(name).jobs);

/** What GitHub's own parser reports. */
async function findFaults(name: string, content: string): Promise<string[]> {
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  if (value) await convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(({ message }) => message);
}

describe.each(['ci.yml', 'release.yml'])('the workflow %s', (name) => {
  it('is valid by the parser of GitHub Actions', async () => {
    expect(await findFaults(name, texts.get(name) ?? '')).toEqual([]);
    expect(await findFaults(name, (texts.get(name) ?? '').replace('runs-on', 'run-on'))).not.toEqual([]);
  });

  it('reads the repository by default, ends in time, and pins each action', () => {
    expect(workflow(name).permissions).toEqual({ contents: 'read' });
    for (const [id, job] of listJobs(name)) {
      expect([id, job['timeout-minutes']]).toEqual([id, expect.any(Number)]);
      for (const { uses } of job.steps) if (uses) expect(uses).toMatch(/^[\w-]+\/[\w-]+@(v\d+|[0-9a-f]{40})$/);
    }
  });

  it('runs npm scripts and files that exist', () => {
    const commands = listJobs(name).flatMap(([, { steps }]) => steps.flatMap(({ run }) => run ?? []));
    const named = commands.flatMap((command) =>
      [...command.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, one = '']) => one),
    );
    expect(named.filter((one) => !(one in scripts))).toEqual([]);
    const paths = commands.flatMap((command) => command.match(/(?:deploy|\.ci|tools)\/[\w./-]+/g) ?? []);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });
});

describe('the release', () => {
  it('may write packages and provenance in the job of the image, and releases in another', () => {
    const permissions = Object.fromEntries(listJobs('release.yml').map(([id, job]) => [id, job.permissions]));
    expect(permissions).toMatchObject({
      image: { contents: 'read', packages: 'write', 'id-token': 'write', attestations: 'write' },
      release: { contents: 'write' },
    });
    const build = listJobs('release.yml')
      .flatMap(([, { steps }]) => steps)
      .find(({ uses }) => uses?.startsWith('docker/build-push-action'));
    expect(build?.with).toMatchObject({ push: true, provenance: 'mode=max', sbom: true });
  });
});

describe('the audit of dependencies', () => {
  const advisory = (severity: string) => ({
    url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
    title: 'Bad',
    severity,
  });
  const report = (severity: string) => ({
    vulnerabilities: { lodash: { via: [advisory(severity)] }, other: { via: ['lodash'] } },
  });
  const waiver = { advisory: 'GHSA-aaaa-bbbb-cccc', reason: 'not reachable', until: '2027-01-31' };

  it('refuses high and critical vulnerabilities without a waiver of today', () => {
    expect(findRefused(report('moderate'), [], '2027-01-01')).toEqual([]);
    for (const severity of ['high', 'critical']) {
      expect(findRefused(report(severity), [], '2027-01-01')).toHaveLength(1);
      expect(findRefused(report(severity), [waiver], '2027-01-31')).toEqual([]);
      expect(findRefused(report(severity), [waiver], '2027-02-01')).toHaveLength(1);
    }
  });

  it('fails if npm gives no report', () => {
    expect(() => findRefused({ message: '503 Service Unavailable' }, [], '2027-01-01')).toThrow(/no report: 503/);
  });

  it('has waivers with a reason and a day', async () => {
    const waivers = JSON.parse(await readFile('deploy/audit-waivers.json', 'utf8')) as object[];
    for (const one of waivers) {
      expect(one).toEqual({
        advisory: expect.stringMatching(/^GHSA(-\w{4}){3}$/),
        reason: expect.stringMatching(/\w+ \w+/),
        until: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      });
    }
  });
});
