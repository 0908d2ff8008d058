import { Injectable } from '@nestjs/common';
import { Semaphore } from '../../../core/concurrency/semaphore.js';
import { DicomProcessor } from '../dicom/dicom-processor.js';
import type { PatientRecord } from '../dicom/patient.js';
import { ImageProcessor } from '../images/image-processor.js';
import { assertDeclaredAsImage, detectFormat } from './file-type.js';
import type { ProcessedFile, UploadedFile } from './uploaded-file.js';

/** Concurrent decodes of a process. Most need little memory; the largest need about 150 MiB each. */
const MAX_CONCURRENT_DECODES = 2;

/** Processes an uploaded file: DICOM, or one of the image formats. Processes one file of each user at a time. */
@Injectable()
export class FileProcessor {
  private readonly decodes = new Semaphore({ total: MAX_CONCURRENT_DECODES, perKey: 1 });

  constructor(
    private readonly images: ImageProcessor,
    private readonly dicom: DicomProcessor,
  ) {}

  /**
   * @param patient the patient of the upload, who is compared with the tags of a DICOM file
   * @throws DomainError UNSUPPORTED_MEDIA_TYPE, UNPROCESSABLE_FILE
   */
  async process(file: UploadedFile, patient: PatientRecord, userId: string): Promise<ProcessedFile> {
    const format = await detectFormat(file.path);
    assertDeclaredAsImage(file);
    return this.decodes.run(
      () => (format === 'DICOM' ? this.dicom.process(file, patient) : this.images.process(file, format)),
      userId,
    );
  }
}
