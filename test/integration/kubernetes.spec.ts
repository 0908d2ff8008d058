import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/core/config/config.js';
import { loadMigrationConfig, loadPartitionConfig, loadRolesConfig } from '../../src/core/config/database-config.js';
import { kustomize, getPodTemplate, type Resource } from '../support/kustomize.js';
import { resourceFaults, VARIABLES } from '../support/manifests.js';

const FOLDER = 'deploy/kubernetes';
const OVERLAYS = ['staging', 'production'];
const FOLDERS = OVERLAYS.flatMap((name) => [name, `${name}/migrate`, `${name}/roles`]);

/** Seconds in which the API closes after its drain (docs/deployment.md). */
const CLOSE_SECONDS = 12;

/** Values that could be those of the Secrets. */
const SECRETS: Record<string, string> = {
  JWT_SECRET: 'q8Zr1vKx0LmN4tYw7PbE2sHd9GjCfUaV',
  FIELD_ENCRYPTION_KEYS: 'k1:mVE9yNw3q0kQyqQvH5T8n1oW7s2uJxgB4cZrD6fLtPI=',
  PGPASSWORD: 'a-password-of-a-role',
};

/** Minute, hour and day of the week. */
const WEEKLY = /^\d+ \d+ \* \* [0-6]$/;

const rendered = new Map<string, Resource[]>();
const files = new Set<string>();

beforeAll(async () => {
  for (const folder of FOLDERS) rendered.set(folder, await kustomize(join(FOLDER, 'overlays', folder), files));
});

const resources = (folder: string): Resource[] => rendered.get(folder) ?? [];
const ofKind = (folder: string, kind: string): Resource[] => resources(folder).filter((one) => one.kind === kind);
const named = (folder: string, kind: string, name: string): Resource =>
  ofKind(folder, kind).find(({ metadata }) => metadata.name === name) as Resource;
const listPods = (folder: string): Resource[] =>
  ['Deployment', 'Job', 'CronJob'].flatMap((kind) => ofKind(folder, kind));
const getContainer = (pod: Resource): any => getPodTemplate(pod).spec.containers[0];

/** The environment of a container, with made-up secrets. */
function resolveEnvironment(folder: string, pod: Resource): Record<string, string> {
  const { env, envFrom } = getContainer(pod);
  const settings = envFrom.map((one: any) => named(folder, 'ConfigMap', one.configMapRef.name).data as object);
  const required = env.filter((one: any) => !one.valueFrom.secretKeyRef.optional);
  return {
    ...Object.assign({}, ...settings),
    ...Object.fromEntries(required.map((one: any) => [one.name, SECRETS[one.valueFrom.secretKeyRef.key]])),
  };
}

describe.each(FOLDERS)('the overlay %s', (folder) => {
  it('is valid by the schemas of Kubernetes, without unknown fields', () => {
    expect(resources(folder).flatMap(resourceFaults)).toEqual([]);
    const names = resources(folder).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('runs commands of the build, with variables that exist and secrets by reference only', () => {
    for (const pod of listPods(folder)) {
      const { command, env } = getContainer(pod);
      expect(existsSync(command[1].replace(/^dist\/(.*)\.js$/, '$1.ts'))).toBe(true);
      const variables = [...Object.keys(resolveEnvironment(folder, pod)), ...env.map((one: any) => one.name)];
      expect(variables.filter((name) => !VARIABLES.has(name))).toEqual([]);
      expect(env.filter((one: any) => !one.valueFrom?.secretKeyRef)).toEqual([]);
    }
    for (const { data } of ofKind(folder, 'ConfigMap')) {
      expect(Object.keys(data).filter((name) => /SECRET|KEY|TOKEN|PASSWORD/.test(name))).toEqual([]);
      const urls = Object.values<string>(data).filter((value) => URL.canParse(value));
      expect(urls.filter((url) => new URL(url).password !== '')).toEqual([]);
    }
  });

  it('follows the Pod Security Standard "restricted", with a read-only root and without a token', () => {
    for (const pod of listPods(folder)) {
      const { securityContext, automountServiceAccountToken, volumes } = getPodTemplate(pod).spec;
      expect(securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(automountServiceAccountToken).toBe(false);
      const container = getContainer(pod);
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.resources).toMatchObject({
        requests: { cpu: expect.any(String) },
        limits: { memory: expect.any(String) },
      });
      const mounted = container.volumeMounts.map(({ name }: { name: string }) => name).sort();
      expect(mounted).toEqual(volumes.map(({ name }: { name: string }) => name).sort());
    }
  });
});

describe.each(OVERLAYS)('the overlay %s', (overlay) => {
  it('configures processes that start', () => {
    for (const pod of ofKind(overlay, 'Deployment')) {
      const config = loadConfig(resolveEnvironment(overlay, pod));
      expect(config).toMatchObject({ NODE_ENV: 'production', HOST: '0.0.0.0', JOBS_IN_PROCESS: false });
      expect(getContainer(pod).volumeMounts.map((mount: any) => mount.mountPath)).toContain(config.STORAGE_DIR);
    }
    const [migrate, roles] = [`${overlay}/migrate`, `${overlay}/roles`];
    const owner = loadMigrationConfig(resolveEnvironment(migrate, listPods(migrate)[0] as Resource));
    expect(new URL(owner.DATABASE_URL).username).toBe('careslot_owner');
    expect(() => loadRolesConfig(resolveEnvironment(roles, listPods(roles)[0] as Resource))).not.toThrow();
  });

  it('detaches old partitions each week as the owner, in a pod that may reach the database', () => {
    const job = named(overlay, 'CronJob', 'careslot-partitions');
    expect(job.spec).toMatchObject({ schedule: expect.stringMatching(WEEKLY), concurrencyPolicy: 'Forbid' });
    expect(getContainer(job).command).toEqual(['node', 'dist/src/partitions.js']);
    const { DATABASE_URL } = loadPartitionConfig(resolveEnvironment(overlay, job));
    const [migrate] = listPods(`${overlay}/migrate`);
    expect(DATABASE_URL).toBe(
      loadMigrationConfig(resolveEnvironment(`${overlay}/migrate`, migrate as Resource)).DATABASE_URL,
    );
    expect(getPodTemplate(job).metadata.labels).toMatchObject(
      named(overlay, 'NetworkPolicy', 'careslot-servers').spec.podSelector.matchLabels,
    );
  });

  it('gives the passwords of the owner and the administrator only to the jobs', () => {
    const listSecrets = (pod: Resource): string[] =>
      getContainer(pod).env.map((one: any) => one.valueFrom.secretKeyRef.name);
    for (const pod of ofKind(overlay, 'Deployment')) expect(new Set(listSecrets(pod))).toEqual(new Set(['careslot']));
    expect(new Set(listSecrets(listPods(`${overlay}/migrate`)[0] as Resource))).toEqual(
      new Set(['careslot', 'careslot-owner']),
    );
    expect(listSecrets(named(overlay, 'CronJob', 'careslot-partitions'))).toEqual(['careslot-owner']);
  });

  it('probes the ports and the paths that the processes serve', () => {
    for (const [name, port] of [
      ['careslot-api', 'PORT'],
      ['careslot-worker', 'WORKER_PORT'],
    ] as const) {
      const pod = named(overlay, 'Deployment', name);
      const container = getContainer(pod);
      const settings = resolveEnvironment(overlay, pod);
      expect(String(container.ports[0].containerPort)).toBe(settings[port]);
      const paths = ['startupProbe', 'livenessProbe', 'readinessProbe'].map((probe) => {
        const { httpGet, timeoutSeconds } = container[probe];
        expect(httpGet.port).toBe(container.ports[0].name);
        return [httpGet.path, timeoutSeconds];
      });
      // Liveness must not depend on the database. /health/ready takes up to DATABASE_TIMEOUT_SECONDS.
      expect(paths).toEqual([
        ['/health/live', 2],
        ['/health/live', 5],
        ['/health/ready', 5],
      ]);
    }
  });

  it('gives pods more time to end than they take', () => {
    const pod = named(overlay, 'Deployment', 'careslot-api');
    const { SHUTDOWN_DRAIN_SECONDS } = loadConfig(resolveEnvironment(overlay, pod));
    const { terminationGracePeriodSeconds } = pod.spec.template.spec;
    expect(terminationGracePeriodSeconds).toBeGreaterThan(SHUTDOWN_DRAIN_SECONDS + CLOSE_SECONDS);
  });

  it('connects services, policies, budgets, scalers and the ingress with pods', () => {
    const pods = ofKind(overlay, 'Deployment').map(({ spec }) => spec.template.metadata.labels);
    const selects = (selector: Record<string, string>): boolean =>
      pods.some((labels) => Object.entries(selector).every(([key, value]) => labels[key] === value));
    for (const { spec } of ofKind(overlay, 'Service')) expect(selects(spec.selector)).toBe(true);
    for (const kind of ['Deployment', 'PodDisruptionBudget']) {
      for (const { spec } of ofKind(overlay, kind)) expect(selects(spec.selector.matchLabels)).toBe(true);
    }
    for (const { spec } of ofKind(overlay, 'NetworkPolicy'))
      expect(selects(spec.podSelector.matchLabels ?? {})).toBe(true);
    for (const { spec } of ofKind(overlay, 'HorizontalPodAutoscaler')) {
      expect(ofKind(overlay, 'Deployment').map(({ metadata }) => metadata.name)).toContain(spec.scaleTargetRef.name);
    }
    for (const { spec, metadata } of ofKind(overlay, 'ServiceMonitor')) {
      const service = named(overlay, 'Service', metadata.name);
      expect(service.metadata.labels).toMatchObject(spec.selector.matchLabels);
      expect(service.spec.ports[0].name).toBe(spec.endpoints[0].port);
    }
    const ingress = named(overlay, 'Ingress', 'careslot-api').spec;
    const { service } = ingress.rules[0].http.paths[0].backend;
    expect(named(overlay, 'Service', service.name).spec.ports[0].name).toBe(service.port.name);
    const { PUBLIC_URL } = named(overlay, 'ConfigMap', 'careslot-settings').data;
    expect(new URL(PUBLIC_URL).hostname).toBe(ingress.rules[0].host);
    expect(ingress.tls[0].hosts).toEqual([ingress.rules[0].host]);
  });

  it('keeps a polling client at one pod, and denies connections by default', () => {
    const { annotations, namespace } = named(overlay, 'Service', 'careslot-api').metadata;
    const prefix = 'traefik.ingress.kubernetes.io/service';
    expect(annotations[`${prefix}.sticky.cookie`]).toBe('true');
    expect(annotations[`${prefix}.serverstransport`]).toBe(`${namespace}-careslot-api@kubernetescrd`);
    const { podSelector, policyTypes, ingress, egress } = named(overlay, 'NetworkPolicy', 'careslot-default-deny').spec;
    expect(podSelector.matchLabels).toMatchObject({ 'app.kubernetes.io/name': 'careslot' });
    expect([policyTypes, ingress, egress]).toEqual([['Ingress', 'Egress'], undefined, undefined]);
  });
});

it('every file of deploy/kubernetes is used by an overlay', async () => {
  const found = await readdir(FOLDER, { recursive: true, withFileTypes: true });
  const paths = found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  expect([...files].sort()).toEqual(paths.sort());
});

it('the check of resources finds fields that Kubernetes would ignore, and values that it would refuse', () => {
  const pod = structuredClone(named('production', 'Deployment', 'careslot-api'));
  getContainer(pod).livenessProb = { httpGet: { path: '/', port: 1 } };
  expect(resourceFaults(pod).join()).toContain('livenessProb is unknown');
  getContainer(pod).ports[0].containerPort = 'http';
  expect(resourceFaults(pod).join()).toMatch(/containerPort|integer/);
});
