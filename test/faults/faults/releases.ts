import { MIGRATIONS } from '../../../migrations/index.js';
import { ormconfig } from '../../../ormconfig.js';
import { migrate, revert } from '../../../src/migrate.js';
import { Balancer } from '../../support/balancer.js';
import { BookingLoad } from '../../support/booking-load.js';
import { eventually } from '../../support/eventually.js';
import { LIVE_MIGRATIONS } from '../../support/live-migrations.js';
import type { Fault } from '../fault.js';
import { nextTime } from '../population.js';
import type { World } from '../world.js';

const PATIENTS = 3;

/** Clients behind a load balancer, who repeat nothing: each of their requests must succeed. */
class LoadWithoutRetries {
  private constructor(
    readonly balancer: Balancer,
    private readonly load: BookingLoad,
  ) {}

  static async start(world: World): Promise<LoadWithoutRetries> {
    const balancer = await Balancer.start(world.apis.map(({ port }) => port));
    const { others } = world.people;
    const doctorId = others.clinic.doctorIds[0] as string;
    const slots = Array.from({ length: PATIENTS * 3 }, () => nextTime(others, doctorId).startDateTime);
    const service = { serviceId: others.serviceId, doctorId, slots };
    const load = new BookingLoad(world.app, service, world.patients.slice(-PATIENTS), [balancer.url]);
    return new LoadWithoutRetries(balancer, load);
  }

  waitForRounds(count: number): Promise<void> {
    return this.load.waitForRounds(count);
  }

  async end(world: World): Promise<void> {
    const failures = await this.load.stop();
    world.problems.push(...[...failures, ...this.balancer.failures].map((failure) => `a request failed: ${failure}`));
    await this.balancer.close();
  }
}

export const rollingRestart: Fault = {
  ...{ id: 17, title: 'API and worker restarted in turn with SIGTERM (once and twice)', runs: 1 },
  notInSoak: 'it restarts all processes',
  inject: async (world) => {
    const load = await LoadWithoutRetries.start(world);
    for (const [index, process] of world.processes.entries()) {
      await load.waitForRounds(1);
      const code = await process.stop(index === 1 ? 2 : 1);
      if (code !== 0) world.problems.push(`${process.name} ended with exit code ${code}`);
      await process.start();
      if (index < world.apis.length)
        await eventually(async () => {
          if (!load.balancer.isHealthy(process.port)) throw new Error(`the load balancer does not use ${process.name}`);
        });
    }
    await load.waitForRounds(1);
    await load.end(world);
  },
  heal: () => Promise.resolve(),
};

const PATTERNS = { ...ormconfig, migrations: [...MIGRATIONS, ...LIVE_MIGRATIONS] };

export const migrated: Fault = {
  ...{ id: 18, title: 'migrations up and down', runs: 2 },
  notInSoak: 'it takes minutes',
  inject: async (world) => {
    const load = await LoadWithoutRetries.start(world);
    const url = world.app.environment.DATABASE_URL as string;
    await load.waitForRounds(1);
    await migrate(url, null, PATTERNS);
    await load.waitForRounds(1);
    await revert(url, LIVE_MIGRATIONS.length, PATTERNS);
    await load.waitForRounds(1);
    await load.end(world);
  },
  heal: () => Promise.resolve(),
};
