import { RegisterTaskDefinitionRequest$ } from '@aws-sdk/client-ecs';
import { CreateScheduleInput$ } from '@aws-sdk/client-scheduler';
import { NormalizedSchema } from '@smithy/core/schema';
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { CronJob } from 'kubernetes-models/batch/v1/CronJob';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { z } from 'zod';
import { ALIASES } from '../../src/core/config/aliases.js';
import { BackupConfigSchema } from '../../src/core/config/backup-config.js';
import { ConfigSchema } from '../../src/core/config/config.js';
import { RolesConfigSchema } from '../../src/core/config/database-config.js';
import { PARTITION_SETTINGS } from '../../src/core/config/retention-settings.js';
import type { Resource } from './kustomize.js';

/** Every variable that a process of CareSlot reads. */
export const VARIABLES = new Set(
  Object.keys({
    ...ConfigSchema.shape,
    ...ALIASES,
    ...RolesConfigSchema.shape,
    ...BackupConfigSchema.shape,
    ...PARTITION_SETTINGS,
  }),
);

/** The schemas of Kubernetes' OpenAPI document, compiled by kubernetes-models. */
const MODELS = [
  ConfigMap,
  CronJob,
  Deployment,
  HorizontalPodAutoscaler,
  Ingress,
  Job,
  Namespace,
  NetworkPolicy,
  PodDisruptionBudget,
  Service,
  ServiceAccount,
  ServiceMonitor,
];

const metadata = z.strictObject({
  name: z.string(),
  namespace: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
});

/** The parts of two CRDs that we use. No package on Node 20 has their current versions. */
const CUSTOM: Record<string, z.ZodType> = {
  'external-secrets.io/v1/ExternalSecret': z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    spec: z.strictObject({
      refreshInterval: z.string(),
      secretStoreRef: z.strictObject({ kind: z.enum(['SecretStore', 'ClusterSecretStore']), name: z.string() }),
      target: z.strictObject({
        name: z.string(),
        creationPolicy: z.enum(['Owner', 'Orphan', 'Merge', 'None']),
        deletionPolicy: z.enum(['Delete', 'Merge', 'Retain']),
      }),
      data: z
        .array(
          z.strictObject({
            secretKey: z.string(),
            remoteRef: z.strictObject({ key: z.string(), property: z.string() }),
          }),
        )
        .optional(),
      dataFrom: z.array(z.strictObject({ extract: z.strictObject({ key: z.string() }) })).optional(),
    }),
  }),
  'traefik.io/v1alpha1/ServersTransport': z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    spec: z.strictObject({
      forwardingTimeouts: z.strictObject({ dialTimeout: z.string(), idleConnTimeout: z.string() }),
    }),
  }),
};

/** @returns what is wrong with the resource: not valid by its schema, or fields that the schema does not have */
export function resourceFaults(resource: Resource): string[] {
  const { apiVersion, kind } = resource;
  const title = `${kind} ${String(resource.metadata.name)}`;
  const custom = CUSTOM[`${apiVersion}/${kind}`];
  if (custom) return custom.safeParse(resource).error?.issues.map(({ message }) => `${title}: ${message}`) ?? [];
  const Model = MODELS.find((model) => model.apiVersion === apiVersion && model.kind === kind);
  if (!Model) return [`${title}: no schema for ${apiVersion}`];
  const reads = new Set<string>();
  try {
    // The constructor would copy the resource, and so read all of it.
    Model.prototype.validate.call(recordReads(resource, '', reads));
  } catch (error) {
    return [`${title}: ${(error as Error).message}`];
  }
  return listPaths(resource)
    .filter((path) => !reads.has(path))
    .map((path) => `${title}: ${path} is unknown`);
}

/**
 * Kubernetes ignores fields that it does not know, and its schemas allow them, so that a misspelt field has no effect. A compiled schema
 * reads every field that it knows: what it has not read is unknown.
 */
function recordReads(value: unknown, path: string, reads: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target, key, receiver) {
      const child: unknown = Reflect.get(target, key, receiver);
      if (typeof key !== 'string' || !Object.hasOwn(target, key) || (Array.isArray(target) && key === 'length'))
        return child;
      reads.add(`${path}/${key}`);
      return recordReads(child, `${path}/${key}`, reads);
    },
  });
}

function listPaths(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [`${path}/${key}`, ...listPaths(child, `${path}/${key}`)]);
}

/** @returns what is wrong with an ECS task definition by the schema of the AWS SDK */
export const taskDefinitionFaults = (definition: object): string[] =>
  inputFaults(RegisterTaskDefinitionRequest$, definition);

/** @returns what is wrong with a schedule of EventBridge Scheduler by the schema of the AWS SDK */
export const scheduleFaults = (schedule: object): string[] => inputFaults(CreateScheduleInput$, schedule);

function inputFaults(schema: typeof CreateScheduleInput$, input: object): string[] {
  const [, , , , names, , required = 0] = schema;
  const missing = names.slice(0, required).filter((name) => !Object.hasOwn(input, name));
  return [...missing.map((name) => `/${name} is missing`), ...smithyFaults(NormalizedSchema.of(schema), input, '')];
}

function smithyFaults(schema: NormalizedSchema, value: unknown, path: string): string[] {
  if (schema.isStructSchema()) {
    const members = schema.getMemberSchemas();
    return Object.entries(value as object).flatMap(([name, child]) => {
      const member = members[name];
      return member ? smithyFaults(member, child, `${path}/${name}`) : [`${path}/${name} is unknown`];
    });
  }
  if (schema.isListSchema() || schema.isMapSchema()) {
    if (schema.isListSchema() !== Array.isArray(value)) return [`${path} has the wrong type`];
    const item = schema.getValueSchema();
    return Object.entries(value as object).flatMap(([key, child]) => smithyFaults(item, child, `${path}/${key}`));
  }
  const type = schema.isNumericSchema() ? 'number' : schema.isBooleanSchema() ? 'boolean' : 'string';
  return typeof value === type ? [] : [`${path} is not a ${type}`];
}
