import { Injectable } from '@nestjs/common';
import { Semaphore } from '../../../core/concurrency/semaphore.js';
import { DicomProcessor } from '../dicom/dicom-processor.js';
import type { PatientRecord } from '../dicom/patient.js';
import { ImageProcessor } from '../images/image-processor.js';
import { assertDeclaredAsImage, detectFormat } from './file-type.js';
import type { ProcessedFile, UploadedFile } from './uploaded-file.js';

/** Files decoded at once by a process. Most need little memory; the worst need about 150 MiB each. */
const MAX_CONCURRENT_DECODES = 2;

/** Processes an uploaded file by its type: DICOM, or one of the image formats. Of each user one at a time. */
@Injectable()
export class FileProcessor {
  private readonly decodes = new Semaphore({ total: MAX_CONCURRENT_DECODES, perKey: 1 });

  constructor(
    private readonly images: ImageProcessor,
    private readonly dicom: DicomProcessor,
  ) {}

  /**
   * @param patient whom the file is for, to compare with a DICOM file's own tags
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
