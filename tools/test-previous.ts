import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { checkOutPreviousRelease } from './previous-release/checkout.js';
import { LEFT_OUT, LEFT_OUT_TESTS } from './previous-release/left-out.js';
import { Interrupted } from './services/interruption.js';
import { withTestDatabases, type TestVariables } from './services/test-databases.js';
import { buildForTests } from './test-build.js';

/**
 * Proves that the previous release (`test/previous-release`) works with the schema of this one, which makes a rolling upgrade possible:
 * processes of both serve one database (test/previous), then the previous release's integration tests run on databases of the new
 * migrations. `npm run test:previous -- side-by-side` or `-- integration` runs one of them.
 */
const PARTS = ['side-by-side', 'integration'] as const;
type Part = (typeof PARTS)[number];

const NODE_OPTIONS = '--experimental-vm-modules --disable-warning=ExperimentalWarning';

/** Runs Jest of a release in its folder. @returns its exit code */
function runJest(folder: string, args: string[], env: TestVariables, interrupted: Promise<never>): Promise<number> {
  const jest = spawn(process.execPath, ['node_modules/jest/bin/jest.js', ...args], {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, ...env, NODE_OPTIONS },
  });
  interrupted.catch((error: unknown) => jest.kill(error instanceof Interrupted ? error.signal : 'SIGTERM'));
  return new Promise((done) => jest.once('exit', (exitCode) => done(exitCode ?? 1)));
}

const leftOut = Object.values(LEFT_OUT).flat();

function argumentsFor(part: Part): string[] {
  if (part === 'side-by-side') return ['--selectProjects', 'previous', '-w', '1'];
  const ignored = leftOut.flatMap((name) => ['--testPathIgnorePatterns', `/test/integration/${name}$`]);
  const names = `^(?!.*(${Object.keys(LEFT_OUT_TESTS).join('|')})$)`;
  return ['--selectProjects', 'integration', '-w', '2', ...ignored, '--testNamePattern', names];
}

function printLeftOut(): void {
  const files = Object.entries(LEFT_OUT).map(([reason, names]) => `${names.join(', ')}: they ${reason}`);
  const tests = Object.entries(LEFT_OUT_TESTS).map(([name, reason]) => `"${name}": it ${reason}`);
  process.stdout.write(`Left out:\n${[...files, ...tests].map((line) => `- ${line}\n`).join('')}`);
}

async function main(wanted: string[]): Promise<number> {
  const parts = PARTS.filter((part) => wanted.length === 0 || wanted.includes(part));
  if (wanted.some((part) => !(PARTS as readonly string[]).includes(part))) {
    throw new Error(`Usage: npm run test:previous [-- ${PARTS.join(' | ')}]`);
  }
  const previous = checkOutPreviousRelease();
  buildForTests();
  return withTestDatabases(async (variables, interrupted) => {
    let failed = 0;
    for (const part of parts) {
      const folder = part === 'integration' ? previous : resolve('.');
      failed += await runJest(folder, argumentsFor(part), { ...variables, PREVIOUS_RELEASE: previous }, interrupted);
    }
    if (parts.includes('integration')) printLeftOut();
    return failed > 0 ? 1 : 0;
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
