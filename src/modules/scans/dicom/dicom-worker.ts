import { parentPort } from 'node:worker_threads';
import { DomainError } from '../../../core/kernel/domain-error.js';
import type { DicomReply } from './dicom-threads.js';
import { readAndDeidentify, type DicomTask } from './read-and-deidentify.js';

parentPort?.on('message', (task: DicomTask) => {
  void reply(task).then((message) => parentPort?.postMessage(message));
});

async function reply(task: DicomTask): Promise<DicomReply> {
  try {
    return { reading: await readAndDeidentify(task) };
  } catch (error) {
    if (error instanceof DomainError) {
      const { code, message, details } = error;
      return { refusal: { code, message, details } };
    }
    // Errors lose their own fields between threads. The code is needed to recognize an error of the disk.
    const { code, message } = error as NodeJS.ErrnoException;
    return { failure: { code, message } };
  }
}
