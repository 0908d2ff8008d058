import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AnalysisJob } from './analysis/analysis.job.js';
import { AnalysisRepository } from './analysis/analysis.repository.js';
import { AnalysisService } from './analysis/analysis.service.js';
import { ModelInput } from './analysis/model-input.js';
import { modelProvider } from './analysis/model.provider.js';
import { DicomThreads } from './dicom/dicom-threads.js';
import { ScanFilesService } from './scan-files.service.js';
import { ScanLinks } from './scan-links.js';
import { ScanStorage } from './scan-storage.js';
import { ScanSweep } from './scan-sweep.js';
import { ScanViews } from './scan-views.js';
import { ScanWriter } from './scan-writer.js';
import { ScansListener } from './scans.listener.js';
import { ScansController } from './scans.controller.js';
import { ScansRepository } from './scans.repository.js';
import { ScansService } from './scans.service.js';
import { DicomProcessor } from './dicom/dicom-processor.js';
import { ImageProcessor } from './images/image-processor.js';
import { FileProcessor } from './upload/file-processor.js';
import { ScanFormReceiver } from './upload/scan-form.interceptor.js';
import { UploadService } from './upload/upload.service.js';
import { Scan } from './scan.entity.js';
import { ScanAnalysis } from './analysis/scan-analysis.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([Scan, ScanAnalysis])],
  controllers: [ScansController],
  providers: [
    ScansService,
    ScansListener,
    ScansRepository,
    ScanViews,
    ScanLinks,
    ScanFilesService,
    ScanStorage,
    ScanWriter,
    ScanSweep,
    UploadService,
    ScanFormReceiver,
    FileProcessor,
    ImageProcessor,
    DicomProcessor,
    DicomThreads,
    AnalysisService,
    AnalysisRepository,
    AnalysisJob,
    ModelInput,
    modelProvider,
  ],
  exports: [ScansService, ScanFormReceiver, UploadService, AnalysisService],
})
export class ScansModule {}
