import asyncHooks from 'node:async_hooks';
import { TestEnvironment } from 'jest-environment-node';
import { writeCounters } from '../../tools/counters/collect.js';

/** Classes whose instances spec files create and the application may check with `instanceof`. */
const SHARED = ['Date', 'Error', 'TypeError', 'RangeError', 'SyntaxError', 'AggregateError', 'Map', 'Set'] as const;

/**
 * jest-circus creates an AsyncLocalStorage for each spec file and leaves it enabled. Without this, Node 20 visits those of all
 * earlier spec files of the worker for every promise: a sixth of the time of the whole suite.
 */
class DisabledAfterwards<T> extends asyncHooks.AsyncLocalStorage<T> {
  private static readonly instances = new Set<DisabledAfterwards<unknown>>();

  constructor() {
    super();
    DisabledAfterwards.instances.add(this);
  }

  static disableAll(): void {
    for (const storage of this.instances) storage.disable();
    this.instances.clear();
  }
}
asyncHooks.AsyncLocalStorage = DisabledAfterwards;

/**
 * Jest runs each spec file in a separate context. What the file imports from the repository is loaded outside this context,
 * by Node, once per worker (see native-modules.ts).
 */
export default class NativeModulesEnvironment extends TestEnvironment {
  override async setup(): Promise<void> {
    await super.setup();
    this.global.importNatively = (url: string): Promise<unknown> => import(url);
    for (const name of SHARED) Object.assign(this.global, { [name]: globalThis[name] });
  }

  /** Here, since Jest may end a worker by a signal. Writes nothing unless coverage is measured. */
  override async teardown(): Promise<void> {
    writeCounters();
    DisabledAfterwards.disableAll();
    await super.teardown();
  }
}
