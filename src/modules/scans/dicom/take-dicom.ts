import { writeFile } from 'node:fs/promises';
import type { Workspace } from '../../../core/storage/spool.js';
import { loadSharp } from '../images/load-sharp.js';
import { thumbnailOf } from '../images/picture.js';
import { qualityOf, SIDE, type Quality } from '../images/quality.js';
import type { DicomThreads } from './dicom-threads.js';
import type { DicomReading, DicomTask } from './dicom-work.js';
import type { Frame } from './pixels.js';

export interface Dicom extends Omit<DicomReading, 'frame'> {
  quality: Quality | null;
  /** Files in the workspace; thumbnail and preview only where there is a picture. */
  deidentified: string;
  thumbnail: string | null;
  preview: string | null;
}

export type DicomOptions = Omit<DicomTask, 'path' | 'deidentified'> & { threads: DicomThreads };

/**
 * Takes a DICOM part 10 file: blanks its preamble, reads its tags, and makes the de-identified copy and the pictures.
 * @throws DomainError UNPROCESSABLE_FILE
 */
export async function takeDicom(path: string, options: DicomOptions, workspace: Workspace): Promise<Dicom> {
  const { threads, ...limits } = options;
  const deidentified = workspace.path('deidentified');
  const { frame, ...reading } = await threads.run({ ...limits, path, deidentified });
  const pictures = frame ? await picturesOf(frame, workspace) : { quality: null, thumbnail: null, preview: null };
  return { ...reading, deidentified, ...pictures };
}

async function picturesOf(
  { data, width, height, channels }: Frame,
  workspace: Workspace,
): Promise<Pick<Dicom, 'quality' | 'thumbnail' | 'preview'>> {
  const sharp = await loadSharp();
  const frame = sharp(data, { raw: { width, height, channels } });
  const thumbnail = workspace.path('thumbnail');
  await writeFile(thumbnail, await thumbnailOf(frame.clone()));
  const preview = workspace.path('preview');
  await frame.clone().png({ compressionLevel: 3 }).toFile(preview);
  const sample = await frame
    .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { quality: qualityOf({ data: sample.data, ...sample.info }), thumbnail, preview };
}
