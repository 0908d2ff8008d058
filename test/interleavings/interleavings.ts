import type { Pool } from 'pg';
import fc from 'fast-check';
import pg from 'pg';
import { secondApp, type SecondApp } from '../support/second-app.js';
import { TestApp } from '../support/app.js';
import { Exploration, type Orders } from './explore.js';
import { Schema } from './footprint.js';
import { findViolations } from './invariants.js';
import type { Outcome } from './operations.js';
import { Stage } from './scene.js';
import { ONCE, REPEATABLE, threeOf, type Scenario } from './scenarios.js';
import { printSchedule, runSchedule, type Choose } from './scheduler.js';
import { Session, type Mutation } from './session.js';

const ENVIRONMENT = { JOBS_IN_PROCESS: 'false' };

/** What one schedule led to. */
interface Result {
  outcomes: Outcome[];
  /** What is wrong, with the schedule; null if nothing is. */
  failure: string | null;
}

export interface Explored {
  scenario: string;
  orders: number;
  /** Runs that turned out to repeat another order. */
  repetitions: number;
  diverged: number;
  /** How often the answers were these: `201 / 409 APPOINTMENT_CONFLICT`. */
  results: Map<string, number>;
  failures: string[];
}

/** Applications on one database, one for each session, as if they were processes behind a load balancer. */
export class Interleavings {
  private constructor(
    readonly app: TestApp,
    private readonly others: readonly SecondApp[],
    private readonly stage: Stage,
    private readonly sessions: readonly Session[],
    private readonly monitor: Pool,
  ) {}

  /** @param mutate changes the statements of the applications, to show that the checks notice it */
  static async start(mutate?: Mutation): Promise<Interleavings> {
    const app = await TestApp.start(ENVIRONMENT);
    const others = [await secondApp(app, ENVIRONMENT), await secondApp(app, ENVIRONMENT)];
    const schema = await Schema.read(app.db);
    const sessions = [app.app, ...others.map((other) => other.app)].map((each) => new Session(each, schema, mutate));
    const stage = await Stage.open(app, [app.url, ...others.map(({ url }) => url)]);
    const monitor = new pg.Pool({ connectionString: app.environment.DATABASE_URL, max: 1 });
    return new Interleavings(app, others, stage, sessions, monitor);
  }

  /** Runs a scenario in every order of its sessions' statements. Ends after the first violation. */
  async explore(scenario: Scenario, orders: Orders = 'DISTINCT'): Promise<Explored> {
    const exploration = new Exploration(orders);
    const failures: string[] = [];
    let results = new Map<string, number>();
    const run = async (choose: Choose): Promise<void> => {
      const { outcomes, failure } = await this.run(scenario, choose);
      const answers = describe(outcomes);
      results.set(answers, (results.get(answers) ?? 0) + 1);
      if (failure) failures.push(failure);
    };
    for (const choose of [exploration.learn, exploration.learnLast]) if (failures.length === 0) await run(choose);
    while (failures.length === 0) {
      exploration.restart();
      results = new Map();
      do await run(exploration.choose);
      while (exploration.next() && failures.length === 0);
      if (exploration.isSettled) break;
    }
    const { orders: visited, repetitions, diverged } = exploration;
    return { scenario: scenario.name, orders: visited, repetitions, diverged, results, failures };
  }

  /**
   * Runs random orders of three operations.
   * @param path of a failure that fast-check reported, to run it again
   * @throws Error with the seed, the path and the schedule
   */
  async exploreThree(runs: number, seed: number, path?: string): Promise<Map<string, number>> {
    const results = new Map<string, number>();
    const names = fc.tuple(
      fc.constantFrom(...REPEATABLE, ...ONCE),
      fc.constantFrom(...REPEATABLE),
      fc.constantFrom(...REPEATABLE),
    );
    const choices = fc.infiniteStream(fc.nat({ max: 5 }));
    await fc.assert(
      fc.asyncProperty(names, choices, async (three, stream) => {
        const next = stream[Symbol.iterator]();
        const { outcomes, failure } = await this.run(
          threeOf(three),
          (candidates) => (next.next().value as number) % candidates.length,
        );
        const answers = describe(outcomes);
        results.set(answers, (results.get(answers) ?? 0) + 1);
        if (failure) throw new Error(failure);
      }),
      { numRuns: runs, seed, ...(path !== undefined && { path }), endOnFailure: true },
    );
    return results;
  }

  async close(): Promise<void> {
    await this.monitor.end();
    for (const other of this.others) await other.close();
    await this.app.close();
  }

  private async run(scenario: Scenario, choose: Choose): Promise<Result> {
    await this.stage.reset();
    const scene = await this.stage.next();
    const sends = await scenario.prepare(scene);
    const booked = await scene.countAppointments();
    const operations = sends.map((send, index) => () => send(this.stage.urls[index] as string));
    const sessions = this.sessions.slice(0, sends.length);
    const { results, schedule } = await runSchedule(this.monitor, sessions, operations, choose);
    const violations = await findViolations(scene, booked, results);
    const failure = `${scenario.name}: ${violations.join('; ')}\n${describe(results)}\n${printSchedule(schedule)}`;
    return { outcomes: results, failure: violations.length > 0 ? failure : null };
  }
}

const describe = (outcomes: readonly Outcome[]): string =>
  outcomes.map(({ name, answer: { status, code } }) => `${name} ${status}${code ? ` ${code}` : ''}`).join(' / ');
