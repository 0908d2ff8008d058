import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Has the hash of the commit whose processes and tests must work with the schema of this release. */
const COMMIT_FILE = 'test/previous-release';
const FOLDER = '.data/previous-release';
/** Written when the folder is complete, so that the next run with the same commit uses it again. */
const COMPLETE = '.data/complete';

interface Lockfile {
  packages: Record<string, { version?: string; dependencies?: object; devDependencies?: object }>;
}

/**
 * Puts the previous release into a folder, with its dependencies, and compiles it for tests.
 * @returns the folder
 * @throws Error if this clone does not have the commit
 */
export function checkOutPreviousRelease(): string {
  const commit = readFileSync(COMMIT_FILE, 'utf8').trim();
  const folder = resolve(FOLDER);
  if (!existsSync(join(folder, COMPLETE, commit))) {
    requireCommit(commit);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const archive = execFileSync('git', ['archive', commit], { maxBuffer: 1 << 30 });
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    installDependencies(folder);
    compile(folder);
    mkdirSync(join(folder, COMPLETE, commit), { recursive: true });
  }
  return folder;
}

/** @throws Error that says what to do in a shallow clone */
export function requireCommit(commit: string): void {
  const { status } = spawnSync('git', ['cat-file', '-e', `${commit}^{commit}`]);
  if (status === 0) return;
  throw new Error(
    `This clone does not have the previous release, commit ${commit} of ${COMMIT_FILE}. In a shallow clone: git fetch --unshallow; in GitHub Actions: fetch-depth: 0.`,
  );
}

/** Shares node_modules if it has the packages that the previous release names, which saves a gigabyte and minutes. */
function installDependencies(folder: string): void {
  const different = findDifferentPackages(
    readLockfile(join(folder, 'package-lock.json')),
    readLockfile('package-lock.json'),
  );
  if (different.length === 0) return symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  process.stderr.write(`npm ci for the previous release, which has other versions of ${different.join(', ')}\n`);
  execFileSync('npm', ['ci'], { cwd: folder, stdio: 'inherit' });
}

const readLockfile = (path: string): Lockfile => JSON.parse(readFileSync(path, 'utf8')) as Lockfile;

/** The packages that the previous release names in its package.json and of which this one has another version, or none. */
export function findDifferentPackages({ packages: previous }: Lockfile, { packages: current }: Lockfile): string[] {
  const named = Object.keys({ ...previous['']?.dependencies, ...previous['']?.devDependencies });
  const versionIn = (packages: Lockfile['packages'], name: string) => packages[`node_modules/${name}`]?.version;
  return named.filter((name) => versionIn(previous, name) !== versionIn(current, name));
}

/** With the compiler of its own tests: its code and its tests must fit each other. */
function compile(folder: string): void {
  const program = `const { buildForTests } = await import('./tools/test-build.ts'); buildForTests();`;
  const args = ['--import', '@swc-node/register/esm-register', '--input-type=module', '--eval', program];
  execFileSync(process.execPath, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
}
