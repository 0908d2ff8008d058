import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { parse, parseAllDocuments } from 'yaml';

/** An object of Kubernetes. */
export type Resource = Record<string, any> & { apiVersion: string; kind: string; metadata: Record<string, any> };

interface Patch {
  target: { kind: string; name?: string };
  patch: string;
}

interface Kustomization {
  kind: string;
  namespace?: string;
  resources?: string[];
  components?: string[];
  configMapGenerator?: { name: string; behavior?: string; envs?: string[]; literals?: string[] }[];
  labels?: { pairs: Record<string, string>; includeSelectors?: boolean; includeTemplates?: boolean }[];
  images?: { name: string; newName: string; newTag: string }[];
  patches?: Patch[];
  [other: string]: unknown;
}

const KNOWN = [
  'apiVersion',
  'kind',
  'namespace',
  'resources',
  'components',
  'configMapGenerator',
  'generatorOptions',
  'labels',
  'images',
  'patches',
];

/**
 * Renders a folder like `kubectl kustomize`, for the parts of Kustomize that deploy/kubernetes uses, without the hash in the names of
 * ConfigMaps. So the tests need no kubectl; CI builds the same folders with it.
 * @param files collects the files that were read
 * @throws Error for a file, a target or a path that does not exist, and for a part of Kustomize that is not known here
 */
export async function kustomize(
  folder: string,
  files = new Set<string>(),
  before: Resource[] = [],
): Promise<Resource[]> {
  const file = join(folder, 'kustomization.yaml');
  files.add(file);
  const own = parse(await readFile(file, 'utf8')) as Kustomization;
  const unknown = Object.keys(own).filter((name) => !KNOWN.includes(name));
  if (unknown.length > 0) throw new Error(`${file} has ${unknown.join()}, which the renderer does not know`);
  let all = [...before];
  for (const name of own.resources ?? []) all.push(...(await load(join(folder, name), files)));
  for (const name of own.components ?? []) all = await kustomize(join(folder, name), files, all);
  for (const generator of own.configMapGenerator ?? []) await generate(all, generator, folder, files);
  for (const patch of own.patches ?? []) applyPatch(all, patch, file);
  for (const resource of all) transform(resource, own);
  return all;
}

async function load(path: string, files: Set<string>): Promise<Resource[]> {
  if (!path.endsWith('.yaml')) return kustomize(path, files);
  files.add(path);
  return parseAllDocuments(await readFile(path, 'utf8')).map((document) => {
    if (document.errors.length > 0) throw new Error(`${path}: ${document.errors.join()}`);
    return document.toJS() as Resource;
  });
}

async function generate(
  all: Resource[],
  { name, behavior, envs = [], literals = [] }: NonNullable<Kustomization['configMapGenerator']>[number],
  folder: string,
  files: Set<string>,
): Promise<void> {
  const data: Record<string, string | undefined> = {};
  for (const env of envs) {
    files.add(join(folder, env));
    Object.assign(data, parseEnv(await readFile(join(folder, env), 'utf8')));
  }
  for (const literal of literals) data[literal.split('=')[0] ?? ''] = literal.slice(literal.indexOf('=') + 1);
  const existing = all.find((one) => one.kind === 'ConfigMap' && one.metadata.name === name);
  if ((behavior === 'merge') !== (existing !== undefined)) throw new Error(`ConfigMap ${name} cannot be generated`);
  if (existing) Object.assign(existing.data, data);
  else all.push({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
}

function applyPatch(all: Resource[], { target, patch }: Patch, file: string): void {
  const found = all.filter(
    ({ kind, metadata }) => kind === target.kind && (target.name ?? metadata.name) === metadata.name,
  );
  // A component patches several kinds; not every overlay has each of them.
  if (found.length === 0 && target.name) throw new Error(`${file}: no ${target.kind} ${target.name}`);
  for (const resource of found) {
    for (const operation of parse(patch) as { op: string; path: string; value: unknown }[]) {
      applyOperation(resource, operation, file);
    }
  }
}

/** JSON Patch (RFC 6902): `add` and `replace`. */
function applyOperation(
  resource: Resource,
  { op, path, value }: { op: string; path: string; value: unknown },
  file: string,
): void {
  const keys = path
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop() as string;
  const parent = keys.reduce((node, key) => node?.[key], resource as any);
  const isKnown = parent !== undefined && (op === 'add' || (op === 'replace' && last in parent));
  if (!isKnown) throw new Error(`${file}: ${op} ${path} does not fit ${resource.kind} ${resource.metadata.name}`);
  if (Array.isArray(parent) && last === '-') parent.push(structuredClone(value));
  else parent[last] = structuredClone(value);
}

const CLUSTER_WIDE = ['Namespace'];

/** The template of the pods that a Deployment, Job or CronJob creates; undefined for other resources. */
export const getPodTemplate = ({ spec }: Resource): any => spec?.jobTemplate?.spec.template ?? spec?.template;

function transform(resource: Resource, { namespace, labels = [], images = [] }: Kustomization): void {
  if (namespace && !CLUSTER_WIDE.includes(resource.kind)) resource.metadata.namespace = namespace;
  const template = getPodTemplate(resource);
  for (const { pairs, includeSelectors, includeTemplates } of labels) {
    resource.metadata.labels = { ...resource.metadata.labels, ...pairs };
    if (template && (includeTemplates || includeSelectors)) {
      template.metadata.labels = { ...template.metadata.labels, ...pairs };
    }
    if (includeSelectors) addToSelectors(resource, pairs);
  }
  for (const { name, newName, newTag } of images) {
    for (const container of template?.spec.containers ?? []) {
      if (container.image === name) container.image = `${newName}:${newTag}`;
    }
  }
}

function addToSelectors({ kind, spec }: Resource, pairs: Record<string, string>): void {
  const selectors = [spec?.selector?.matchLabels, spec?.podSelector?.matchLabels];
  if (kind === 'Service') selectors.push(spec.selector);
  for (const { labelSelector } of spec?.template?.spec.topologySpreadConstraints ?? []) {
    selectors.push(labelSelector.matchLabels);
  }
  for (const selector of selectors) if (selector) Object.assign(selector, pairs);
}
