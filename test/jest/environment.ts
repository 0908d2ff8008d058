import { TestEnvironment } from 'jest-environment-node';
import { writeCounters } from '../../tools/counters/collect.js';

/** Classes whose instances spec files create and the application may check with `instanceof`. */
const SHARED = ['Date', 'Error', 'TypeError', 'RangeError', 'SyntaxError', 'AggregateError', 'Map', 'Set'] as const;

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
    await super.teardown();
  }
}
