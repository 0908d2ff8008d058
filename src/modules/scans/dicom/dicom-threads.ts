import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { DomainError, type ErrorCode } from '../../../core/kernel/domain-error.js';
import { unusable } from '../scan.errors.js';
import type { DicomReading, DicomTask } from './read-and-deidentify.js';

export type DicomReply =
  | { reading: DicomReading }
  | { refusal: { code: ErrorCode; message: string; details: unknown } }
  | { failure: { code: string | undefined; message: string } };

const MAX_HEAP_MEGABYTES = 512;
/** For one file. The largest legitimate headers take some seconds. */
const MAX_MILLISECONDS = 20_000;

/**
 * Parses DICOM in worker threads, because a large header takes seconds and a malicious one minutes, in which the main thread could
 * not answer requests. A thread that exceeds its limit of time or memory is terminated.
 */
@Injectable()
export class DicomThreads implements OnModuleDestroy {
  /** Threads are reused, because loading the dictionary and the parser takes longer than most files. */
  private readonly idle: Worker[] = [];

  /** @throws DomainError UNPROCESSABLE_FILE */
  async run(task: DicomTask, maxMilliseconds = MAX_MILLISECONDS): Promise<DicomReading> {
    const worker = this.idle.pop() ?? this.start();
    const reply = await runTask(worker, task, maxMilliseconds);
    this.idle.push(worker);
    return toReading(reply);
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.idle.splice(0).map((worker) => worker.terminate()));
  }

  /** Starts the compiled worker, or in tests and development the source. */
  private start(): Worker {
    const isSource = import.meta.url.endsWith('.ts');
    const worker = new Worker(new URL(`./dicom-worker.${isSource ? 'ts' : 'js'}`, import.meta.url), {
      execArgv: isSource ? ['--import', '@swc-node/register/esm-register'] : [],
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MEGABYTES },
    });
    // An error of an idle thread must not end the process.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      const place = this.idle.indexOf(worker);
      if (place !== -1) this.idle.splice(place, 1);
    });
    return worker;
  }
}

async function runTask(worker: Worker, task: DicomTask, maxMilliseconds: number): Promise<DicomReply> {
  worker.ref();
  try {
    const answered = once(worker, 'message', { signal: AbortSignal.timeout(maxMilliseconds) });
    worker.postMessage(task);
    const [reply] = (await answered) as [DicomReply];
    worker.unref();
    return reply;
  } catch (error) {
    await worker.terminate();
    throw exceedsLimit(error) ? unusable('TOO_MANY_PARTS', 'Reading the file takes too long.') : error;
  }
}

function toReading(reply: DicomReply): DicomReading {
  if ('reading' in reply) return reply.reading;
  if ('refusal' in reply) throw new DomainError(reply.refusal.code, reply.refusal.message, reply.refusal.details);
  throw Object.assign(new Error(reply.failure.message), { code: reply.failure.code });
}

const exceedsLimit = (error: unknown): boolean => {
  const { name, code } = error as NodeJS.ErrnoException;
  return name === 'AbortError' || code === 'ERR_WORKER_OUT_OF_MEMORY';
};
