import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { CronJob } from 'kubernetes-models/batch/v1/CronJob';
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { loadBackupConfig } from '../../src/core/config/backup-config.js';
import { loadConfig } from '../../src/core/config/config.js';
import { loadMigrationConfig, loadPartitionConfig } from '../../src/core/config/database-config.js';
import { scheduleFaults, taskDefinitionFaults, VARIABLES } from '../support/manifests.js';

/** Seconds in which an API process closes after its drain, and a worker after SIGTERM (docs/operations.md). */
const CLOSE_SECONDS = 12;
const WORKER_CLOSE_SECONDS = 10;
const DEFAULT_DRAIN_SECONDS = 2;

const SECRETS: Record<string, string> = {
  JWT_SECRET: 'q8Zr1vKx0LmN4tYw7PbE2sHd9GjCfUaV',
  FIELD_ENCRYPTION_KEYS: 'k1:mVE9yNw3q0kQyqQvH5T8n1oW7s2uJxgB4cZrD6fLtPI=',
  PGPASSWORD: 'a-password-of-a-role',
  METRICS_TOKEN: 'aR7xQ2mK9vL4pT8wZ1cD',
};

const text = (file: string): Promise<string> => readFile(file, 'utf8');
/** The source of a built file, which `npm run build` has made. */
const toSource = (built: string): string => built.replace(/^dist\/(.*)\.js$/, '$1.ts');
const unknownVariables = (names: string[]): string[] =>
  names.map((name) => name.replace(/_FILE$/, '')).filter((name) => !VARIABLES.has(name));

describe('the image', () => {
  let dockerfile: string;
  beforeAll(async () => void (dockerfile = await text('Dockerfile')));

  it('copies only files that the build context has', async () => {
    const ignore = (await text('.dockerignore')).split('\n');
    expect(ignore).toContain('*');
    const kept = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, list = '']) => list.split(' '));
    const missing = copied.filter(
      (path) => !existsSync(path) || !kept.some((one) => path === one || path.startsWith(`${one}/`)),
    );
    expect([copied.length > 5, missing]).toEqual([true, []]);
    expect(kept.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('checks its health on the port that it serves, by a program that it has', () => {
    const [, program = ''] = /HEALTHCHECK .* CMD node (\S+) /.exec(dockerfile) ?? [];
    expect(existsSync(toSource(program))).toBe(true);
    expect(dockerfile).toMatch(/^COPY --from=build \/app\/dist\/src dist\/src$/m);
    const [, main = ''] = /^CMD \["node", "(.*)"\]$/m.exec(dockerfile) ?? [];
    expect(existsSync(toSource(main))).toBe(true);
  });

  it('has labels, a list of its parts, and no package manager', () => {
    for (const label of ['title', 'description', 'licenses', 'version', 'revision', 'base.name']) {
      expect(dockerfile).toContain(`org.opencontainers.image.${label}=`);
    }
    expect(dockerfile).toMatch(/npm sbom --omit=dev --sbom-format=cyclonedx/);
    expect(dockerfile).toMatch(/rm -rf \/usr\/local\/lib\/node_modules/);
  });
});

/** How the environment of a program is read, if it is not that of a serving process. */
const LOAD: Record<string, (environment: Record<string, string>) => unknown> = {
  migrate: loadMigrationConfig,
  partitions: loadPartitionConfig,
};

describe.each(['api', 'worker', 'migrate', 'partitions'])('the ECS task definition of %s', (name) => {
  let definition: any;
  let container: any;
  let environment: Record<string, string>;

  beforeAll(async () => {
    definition = JSON.parse(await text(`deploy/ecs/${name}.task-definition.json`));
    [container] = definition.containerDefinitions;
    environment = Object.fromEntries(container.environment.map((one: any) => [one.name, one.value]));
    for (const one of container.secrets) environment[one.name] = SECRETS[one.name] ?? 'x';
  });

  it('is valid by the schema of the AWS SDK', () => {
    expect(taskDefinitionFaults(definition)).toEqual([]);
    expect(taskDefinitionFaults({ ...definition, cpu: 1, famliy: 'x' })).toEqual([
      '/cpu is not a string',
      '/famliy is unknown',
    ]);
  });

  it('configures a process that starts, with secrets by reference and a read-only root', () => {
    expect(unknownVariables(Object.keys(environment))).toEqual([]);
    const load = LOAD[name] ?? loadConfig;
    expect(() => load(environment)).not.toThrow();
    for (const { valueFrom } of container.secrets) expect(valueFrom).toMatch(/^arn:aws:secretsmanager:/);
    expect(container).toMatchObject({ readonlyRootFilesystem: true, user: '1000:1000' });
    expect(existsSync(toSource(container.command[1]))).toBe(true);
    const volumes = definition.volumes.map((volume: any) => volume.name);
    expect(container.mountPoints.map((mount: any) => mount.sourceVolume)).toEqual(volumes);
  });

  it('checks the port that the process serves, and gives it time to end', () => {
    if (name in LOAD) return expect(container.healthCheck).toBeUndefined();
    const port = environment[name === 'api' ? 'PORT' : 'WORKER_PORT'];
    expect(container.healthCheck.command).toEqual(['CMD', 'node', 'dist/src/health-check.js', port]);
    expect(String(container.portMappings[0].containerPort)).toBe(port);
    const drain = Number(environment.SHUTDOWN_DRAIN_SECONDS ?? DEFAULT_DRAIN_SECONDS);
    expect(container.stopTimeout).toBeGreaterThan(drain + CLOSE_SECONDS);
  });
});

it('the schedule of ECS is valid by the schema of the AWS SDK, and runs the task of old partitions each week', async () => {
  const schedule = JSON.parse(await text('deploy/ecs/partitions.schedule.json'));
  expect(scheduleFaults(schedule)).toEqual([]);
  const { Target, ...without } = schedule;
  expect(scheduleFaults({ ...without, Targt: {}, FlexibleTimeWindow: { Mod: 'OFF' } })).toEqual([
    '/Target is missing',
    '/FlexibleTimeWindow/Mod is unknown',
    '/Targt is unknown',
  ]);
  const { family } = JSON.parse(await text('deploy/ecs/partitions.task-definition.json'));
  expect(Target.EcsParameters.TaskDefinitionArn.split('/')).toEqual([expect.stringMatching(/^arn:aws:ecs:/), family]);
  expect(schedule.ScheduleExpression).toMatch(/^cron\(\d+ \d+ \? \* SUN \*\)$/);
});

describe('the systemd units', () => {
  /** All values of each key. */
  async function unit(name: string, type = 'service'): Promise<Record<string, string[]>> {
    const result: Record<string, string[]> = {};
    const lines = (await text(`deploy/systemd/${name}.${type}`)).split('\n').filter((line) => /^\w+=/.test(line));
    for (const line of lines) (result[line.slice(0, line.indexOf('='))] ??= []).push(line.slice(line.indexOf('=') + 1));
    return result;
  }

  it.each(['careslot-api', 'careslot-worker', 'careslot-migrate', 'careslot-backup', 'careslot-partitions'])(
    '%s runs a program of the build, confined',
    async (name) => {
      const settings = await unit(name);
      const [, program = ''] = /^\/usr\/bin\/node (\S+)/.exec(settings.ExecStart?.[0] ?? '') ?? [];
      expect(existsSync(toSource(program))).toBe(true);
      const variables = (settings.Environment ?? [])
        .flatMap((line) => line.split(' '))
        .map((one) => one.split('=')[0] as string);
      expect(unknownVariables(variables)).toEqual([]);
      const credentials = (settings.LoadCredential ?? []).map((line) => line.split(':')[0]);
      const read = (settings.Environment ?? []).flatMap((line) =>
        [...line.matchAll(/%d\/([\w-]+)/g)].map(([, one]) => one),
      );
      expect(read.sort()).toEqual(credentials.sort());
      expect(settings).toMatchObject({
        DynamicUser: ['yes'],
        NoNewPrivileges: ['yes'],
        ProtectSystem: ['strict'],
        ProtectHome: ['yes'],
        PrivateTmp: ['yes'],
        CapabilityBoundingSet: [''],
      });
      // V8 needs memory that it can write and execute.
      expect(settings).not.toHaveProperty('MemoryDenyWriteExecute');
    },
  );

  it('give the processes more time to end than they take', async () => {
    expect(Number((await unit('careslot-api')).TimeoutStopSec)).toBeGreaterThan(DEFAULT_DRAIN_SECONDS + CLOSE_SECONDS);
    expect(Number((await unit('careslot-worker')).TimeoutStopSec)).toBeGreaterThan(WORKER_CLOSE_SECONDS);
  });

  it('start the commands that nobody starts by hand, by a timer of the same name', async () => {
    const files = await readdir('deploy/systemd');
    const timers = files.filter((file) => file.endsWith('.timer')).map((file) => file.replace('.timer', ''));
    expect(timers).toEqual(['careslot-backup', 'careslot-partitions']);
    for (const name of timers) {
      expect(await unit(name, 'timer')).toMatchObject({
        OnCalendar: [expect.stringMatching(/^(Sun )?\*-\*-\* \d\d:\d\d:\d\d UTC$/)],
        Persistent: ['yes'],
        WantedBy: ['timers.target'],
      });
      expect((await unit(name)).Type).toEqual(['oneshot']);
    }
  });

  it('detach old partitions as the owner, after the backup, with the periods of the serving processes', async () => {
    const { After, EnvironmentFile } = await unit('careslot-partitions');
    expect(After?.join()).toContain('careslot-backup.service');
    // The last file has priority.
    expect(EnvironmentFile).toEqual(['/etc/careslot/careslot.env', '/etc/careslot/migrate.env']);
    const page = await text('docs/deployment.md');
    const [, settings = ''] = /<<'SETTINGS'\n(.*?)^ *SETTINGS$/ms.exec(page) ?? [];
    const [, owner = ''] = /^ *echo '(DATABASE_URL=.*)' > \/etc\/careslot\/migrate.env$/m.exec(page) ?? [];
    const { DATABASE_URL } = loadPartitionConfig({ ...parseEnv(settings), ...parseEnv(owner), ...SECRETS });
    expect(new URL(DATABASE_URL).username).toBe('careslot_owner');
  });

  it('may write the metrics of a backup to the folder of node_exporter, and to no other', async () => {
    const drop = await text('deploy/systemd/careslot-backup-metrics.conf');
    const [, variable = '', file = ''] = /^Environment=(\w+)=(\S+)$/m.exec(drop) ?? [];
    expect(unknownVariables([variable])).toEqual([]);
    const env = { DATABASE_URL: 'postgres://x@localhost/x', NODE_ENV: 'test', [variable]: file };
    expect(loadBackupConfig(env)).toMatchObject({ BACKUP_METRICS_PATH: file });
    expect(/^ReadWritePaths=(.*)$/m.exec(drop)?.[1]).toBe(dirname(file));
    const [, group = ''] = /^SupplementaryGroups=(.*)$/m.exec(drop) ?? [];
    expect(await text('docs/backup.md')).toContain(`groupadd --system ${group}\n  chgrp ${group} ${dirname(file)}\n`);
  });

  it('back up with the settings of docs/deployment.md', async () => {
    const [, settings = ''] = /<<'BACKUP'\n(.*?)^ *BACKUP$/ms.exec(await text('docs/deployment.md')) ?? [];
    const recipient = await identityToRecipient(await generateIdentity());
    const env = parseEnv(settings.replace('age1…', recipient)) as Record<string, string>;
    const config = loadBackupConfig({ ...env, NODE_ENV: 'production', PGPASSWORD: 'x' });
    expect(config).toMatchObject({ BACKUP_RECIPIENTS: [recipient] });
  });

  it('start with the settings of docs/deployment.md', async () => {
    const [, settings = ''] = /<<'SETTINGS'\n(.*?)^ *SETTINGS$/ms.exec(await text('docs/deployment.md')) ?? [];
    const env = parseEnv(settings) as Record<string, string>;
    expect(loadConfig({ ...env, ...SECRETS })).toMatchObject({
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      TRUST_PROXY: 'loopback',
    });
  });
});

/** The keys of PM2's ecosystem file that we use, by https://pm2.keymetrics.io/docs/usage/application-declaration. PM2 itself is AGPL. */
const Pm2App = z.strictObject({
  name: z.string(),
  cwd: z.string(),
  script: z.string(),
  exec_mode: z.enum(['fork', 'cluster']),
  instances: z.number().int(),
  autorestart: z.boolean(),
  exp_backoff_restart_delay: z.number(),
  max_memory_restart: z.string().regex(/^\d+[KMG]$/),
  watch: z.boolean(),
  merge_logs: z.boolean(),
  env: z.record(z.string(), z.string()),
  kill_timeout: z.number(),
});

it('the PM2 file runs programs of the build, and gives them time to end', () => {
  const { apps } = createRequire(import.meta.url)(resolve('deploy/pm2/ecosystem.config.cjs')) as { apps: unknown };
  const [api, worker] = z.array(Pm2App).parse(apps);
  for (const app of [api, worker]) {
    expect(app?.cwd).toBe(resolve('.'));
    expect(existsSync(toSource(app?.script ?? ''))).toBe(true);
    expect(unknownVariables(Object.keys(app?.env ?? {}))).toEqual([]);
  }
  expect(api?.kill_timeout).toBeGreaterThan((DEFAULT_DRAIN_SECONDS + CLOSE_SECONDS) * 1000);
  expect(worker?.kill_timeout).toBeGreaterThan(WORKER_CLOSE_SECONDS * 1000);
});

describe('the platforms', () => {
  /** Variables that are not CareSlot's: the buildpack's, and one that the driver of PostgreSQL reads. */
  const FOREIGN = ['PROCFILE', 'PGSSLMODE'];

  it('have commands of the build, and variables that exist', async () => {
    const heroku = JSON.parse(await text('deploy/heroku/app.json'));
    const render = parseYaml(await text('deploy/render/render.yaml'));
    const fly: any = parseToml(await text('deploy/fly/fly.toml'));
    const procfile = await text('deploy/heroku/Procfile');
    const commands = `${procfile}${JSON.stringify(render)}${JSON.stringify(fly)}`.match(/dist\/[\w/-]+\.js/g) ?? [];
    expect(commands.filter((built) => !existsSync(toSource(built)))).toEqual([]);
    expect(commands).toHaveLength(9);
    const group = render.envVarGroups[0].envVars.map((one: any) => one.key);
    const services = render.services.flatMap((one: any) => one.envVars ?? []).flatMap((one: any) => one.key ?? []);
    const names = [...Object.keys(heroku.env), ...group, ...services, ...Object.keys(fly.env)];
    expect(unknownVariables(names).filter((name) => !FOREIGN.includes(name))).toEqual([]);
    expect(existsSync(heroku.env.PROCFILE.value)).toBe(true);
    expect(existsSync(resolve('deploy/fly', fly.build.dockerfile))).toBe(true);
  });

  it('detach old partitions by the scheduler of the platform, with the variables of a serving process', async () => {
    const { services } = parseYaml(await text('deploy/render/render.yaml'), { merge: true });
    const cron = services.find((one: any) => one.type === 'cron');
    expect(cron).toMatchObject({ dockerCommand: 'node dist/src/partitions.js', schedule: '30 3 * * 0' });
    expect(cron.envVars).toEqual(services[0].envVars);
    const { addons } = JSON.parse(await text('deploy/heroku/app.json'));
    expect(addons.map(({ plan }: { plan: string }) => plan)).toContain('scheduler:standard');
  });

  it('probe the ports that they set, and give processes time to end', async () => {
    const fly: any = parseToml(await text('deploy/fly/fly.toml'));
    expect(String(fly.http_service.internal_port)).toBe(fly.env.PORT);
    expect(String(fly.checks.worker.port)).toBe(fly.env.WORKER_PORT);
    expect(fly.kill_timeout).toBeGreaterThan(Number(fly.env.SHUTDOWN_DRAIN_SECONDS) + CLOSE_SECONDS);
    const [web] = parseYaml(await text('deploy/render/render.yaml')).services;
    const drain = web.envVars.find((one: any) => one.key === 'SHUTDOWN_DRAIN_SECONDS').value;
    expect(web.maxShutdownDelaySeconds).toBeGreaterThan(Number(drain) + CLOSE_SECONDS);
    for (const path of [web.healthCheckPath, fly.http_service.checks[0].path]) expect(path).toBe('/health/ready');
  });
});

it('proxies close idle connections before the API does, and let the largest upload pass', async () => {
  const [, milliseconds = ''] = /keepAliveTimeout = ([\d_]+)/.exec(await text('src/app.ts')) ?? [];
  const { SCAN_SET_MAX_BYTES } = loadConfig({ ...parseEnv(await text('.env.example')), ...SECRETS, NODE_ENV: 'test' });
  const nginx = await text('deploy/nginx/careslot.conf');
  const caddy = await text('deploy/compose/Caddyfile');
  const idle = [/keepalive_timeout (\d+)s/.exec(nginx)?.[1], /keepalive (\d+)s/.exec(caddy)?.[1]];
  for (const seconds of idle) expect(Number(seconds) * 1000).toBeLessThan(Number(milliseconds.replaceAll('_', '')));
  expect(Number(/client_max_body_size (\d+)m/.exec(nginx)?.[1]) * 1024 ** 2).toBeGreaterThan(SCAN_SET_MAX_BYTES);
  expect(Number(/max_size (\d+)MB/.exec(caddy)?.[1]) * 1000 ** 2).toBeGreaterThan(SCAN_SET_MAX_BYTES);
});

it('the CronJob of backups is valid, and runs a program of the build', async () => {
  const job: any = parseYaml(await text('deploy/backup/cronjob.yaml'));
  expect(new CronJob(job).validate()).toBeUndefined();
  const [container] = job.spec.jobTemplate.spec.template.spec.containers;
  expect(existsSync(toSource(container.command[1]))).toBe(true);
  expect(unknownVariables(container.env.map((one: any) => one.name))).toEqual([]);
  const dockerfile = await text('deploy/backup/Dockerfile');
  expect(dockerfile).toMatch(/postgresql-client-\$\{POSTGRES_MAJOR\}/);
  expect(dockerfile).toMatch(/^USER 1000:1000$/m);
});

it('docs/backup.md names files and npm scripts that exist', async () => {
  const page = await text('docs/backup.md');
  const files = [...page.matchAll(/\]\(\.\.\/([^)#]+)\)|`(test\/[\w./-]+\.spec\.ts)`/g)].map(
    ([, one, other]) => one ?? other ?? '',
  );
  const programs = [...page.matchAll(/node (dist\/src\/\S+\.js)/g)].map(([, one = '']) => toSource(one));
  expect([...files, ...programs].filter((file) => !existsSync(file))).toEqual([]);
  const { scripts } = JSON.parse(await text('package.json'));
  const named = [...page.matchAll(/`npm run ([\w:-]+)/g)].map(([, one = '']) => one);
  expect(named.filter((one) => !(one in scripts))).toEqual([]);
});

it.each(['docs/deployment.md', 'docs/scaling.md'])('%s names files and npm scripts that exist', async (file) => {
  const page = await text(file);
  const { scripts } = JSON.parse(await text('package.json')) as { scripts: Record<string, string> };
  const paths = page.match(/\bdeploy\/[\w./-]*\w/g) ?? [];
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  const programs = page.match(/dist\/[\w/-]+\.js/g) ?? [];
  expect(programs.filter((built) => !existsSync(toSource(built)))).toEqual([]);
  const named = [...page.matchAll(/npm run ([\w:-]+)/g)].map(([, one = '']) => one);
  expect(named.filter((one) => !(one in scripts))).toEqual([]);
  for (const [, target = ''] of page.matchAll(/\]\(([^)#]+)(?:#[\w-]+)?\)/g))
    expect(existsSync(resolve('docs', target))).toBe(true);
});
