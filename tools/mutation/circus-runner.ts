import { resolve } from 'node:path';
import type { InstrumenterContext, StrykerOptions } from '@stryker-mutator/api/core';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  DryRunStatus,
  TestStatus,
  toMutantRunResult,
  type DryRunOptions,
  type DryRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
} from '@stryker-mutator/api/test-runner';
import { expect } from 'expect';
import * as circus from 'jest-circus';
import { ModuleLoader } from './module-loader.js';

type Block = circus.State['rootDescribeBlock'];
type Test = Extract<Block['children'][number], { type: 'test' }>;

/** What the instrumented code reads and writes. */
const context = ((globalThis as { __stryker__?: InstrumenterContext }).__stryker__ ??= {});

const listTests = (block: Block): Test[] =>
  block.children.flatMap((child) => (child.type === 'test' ? [child] : listTests(child)));

/** The names of a test and of its blocks. */
function getName(test: Test): string {
  const names = [test.name];
  for (let block: Block | undefined = test.parent; block?.parent; block = block.parent) names.unshift(block.name);
  return names.join(' ');
}

/**
 * Runs unit tests with Jest's test framework and matchers, but with modules of its own loader: Jest itself would load packages and code
 * again for each mutant, which takes much longer than the tests. The id of a test is the path of its file and its name.
 */
class CircusRunner implements TestRunner {
  static readonly inject = tokens(commonTokens.options);
  private readonly specs: string[];
  private readonly loader = new ModuleLoader(new Map([['@jest/globals', { ...circus, expect }]]));
  private ids = new Map<Test, string>();

  constructor(options: StrykerOptions) {
    this.specs = options.specs as string[];
    circus.addEventHandler((event) => {
      if (event.name === 'test_start') context.currentTestId = this.ids.get(event.test);
      if (event.name === 'test_done') context.currentTestId = undefined;
    });
  }

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: true };
  }

  async dryRun({ files = [] }: DryRunOptions): Promise<DryRunResult> {
    context.mutantCoverage = undefined;
    this.declare(this.specs);
    const isRelated = (id: string): boolean => files.some((file) => this.imports(toSpec(id), file));
    const result = await this.run(isRelated, true);
    return result.status === DryRunStatus.Complete ? { ...result, mutantCoverage: context.mutantCoverage } : result;
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, testFilter, hitLimit, mutantActivation, reloadEnvironment, sandboxFileName } = options;
    context.activeMutant = mutantActivation === 'static' ? activeMutant.id : undefined;
    context.hitCount = hitLimit === undefined ? undefined : 0;
    context.hitLimit = hitLimit;
    if (reloadEnvironment) this.loader.unloadAll();
    const filter = testFilter && new Set(testFilter);
    const filtered = new Set(testFilter?.map(toSpec));
    try {
      this.declare(this.specs.filter((spec) => (filter ? filtered.has(spec) : this.imports(spec, sandboxFileName))));
    } catch (error) {
      // The mutant has broken what a spec file does before its tests.
      return toMutantRunResult({ status: DryRunStatus.Complete, tests: [loadFailure(error)] });
    }
    context.activeMutant = activeMutant.id;
    return toMutantRunResult(await this.run((id) => filter?.has(id) ?? true, options.disableBail));
  }

  /** Whether a spec file imports a file, also through others. Another process may have loaded it before: then this is not known yet. */
  private imports(spec: string, file: string): boolean {
    return !this.loader.hasLoaded(resolve(spec)) || this.loader.dependsOn(resolve(spec), resolve(file));
  }

  /** Evaluates the spec files, which declare their tests. */
  private declare(specs: string[]): void {
    circus.resetState();
    this.ids = new Map();
    for (const spec of specs) {
      this.loader.unload(resolve(spec));
      this.loader.load(resolve(spec));
      for (const test of listTests(circus.getState().rootDescribeBlock)) {
        if (!this.ids.has(test)) this.ids.set(test, `${spec} ${getName(test)}`);
      }
    }
  }

  private async run(isSelected: (id: string) => boolean, disableBail: boolean): Promise<DryRunResult> {
    const skip = ([test]: [Test, string]): string => (test.mode = 'skip');
    [...this.ids].filter(([, id]) => !isSelected(id)).forEach(skip);
    const bail = (event: circus.Event): void => {
      if (!disableBail && event.name === 'test_done' && event.test.errors.length > 0) [...this.ids].forEach(skip);
    };
    circus.addEventHandler(bail);
    const { testResults } = await circus.run();
    circus.removeEventHandler(bail);
    const ids = [...this.ids.values()];
    const tests = testResults.map((result, index) => toResult(result, ids[index] ?? ''));
    return (
      determineHitLimitReached(context.hitCount, context.hitLimit) ?? {
        status: DryRunStatus.Complete,
        tests: tests.filter(({ status }) => status !== TestStatus.Skipped),
      }
    );
  }
}

const toSpec = (id: string): string => id.slice(0, id.indexOf(' '));

function toResult(result: Awaited<ReturnType<typeof circus.run>>['testResults'][number], id: string): TestResult {
  const base = { id, name: id, timeSpentMs: result.duration ?? 0 };
  if (result.status === 'skip' || result.status === 'todo') return { ...base, status: TestStatus.Skipped };
  const [failureMessage] = result.errors;
  return failureMessage === undefined
    ? { ...base, status: TestStatus.Success }
    : { ...base, status: TestStatus.Failed, failureMessage };
}

const loadFailure = (error: unknown): TestResult => ({
  id: 'load',
  name: 'The spec file is loaded',
  timeSpentMs: 0,
  status: TestStatus.Failed,
  failureMessage: String(error),
});

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'circus', CircusRunner)];

export const strykerValidationSchema = {
  properties: {
    specs: { description: 'The spec files, by path.', type: 'array', items: { type: 'string' } },
  },
};
