import { existsSync, readFileSync } from 'node:fs';
import type { Fault } from './faults.js';

const ENV_FILE = '.env';
const FILE_SUFFIX = '_FILE';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown if the process cannot start with its environment. The message contains names of variables, never their values. */
export class ConfigError extends Error {}

/**
 * Reads `.env` of the working directory into the process's environment, if the file exists. A variable that is already set
 * keeps its value.
 * @throws ConfigError if the file cannot be read
 */
export function loadEnvFile(file = ENV_FILE): void {
  if (!existsSync(file)) return;
  try {
    process.loadEnvFile(file);
  } catch (error) {
    throw new ConfigError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`);
  }
}

/** The environment of this process, including `.env`. */
export function processEnvironment(): Environment {
  loadEnvFile();
  return process.env;
}

/** The variables that are not empty or blank. */
export const withoutBlanks = (env: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1].trim() !== ''),
  );

/**
 * Replaces each `NAME_FILE` by `NAME` with the content of that file, for secrets that are mounted as files (Docker and
 * Kubernetes secrets). One line break at the end of the file is dropped.
 * @param names the variables that may be set by a file
 * @returns the variables, and the faults that were found
 */
export function withSecretFiles(
  env: Record<string, string>,
  names: readonly string[],
): { env: Record<string, string>; faults: Fault[] } {
  const result = { ...env };
  const faults: Fault[] = [];
  for (const name of names) {
    const file = env[`${name}${FILE_SUFFIX}`];
    if (file === undefined) continue;
    const fault = env[name] === undefined ? readInto(result, name, file) : `is set too: use ${name} or its file`;
    if (fault) faults.push({ name: `${name}${FILE_SUFFIX}`, message: fault });
  }
  return { env: result, faults };
}

/** Sets the variable to the content of the file. @returns what is wrong with the file; null if nothing is */
function readInto(env: Record<string, string>, name: string, file: string): string | null {
  try {
    const text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    if (text.trim() === '') return 'names an empty file';
    env[name] = text;
    return null;
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`;
  }
}

/** What another program needs of this process's environment: none of the secrets. */
export function programEnvironment(): Environment {
  const { PATH, HOME, LANG } = process.env;
  return { PATH, HOME, LANG };
}
