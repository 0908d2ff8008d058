import { BullModule } from '@nestjs/bull';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AnalysisRunner } from './analysis/analysis-runner.js';
import { AnalysisRequests, ANALYSIS_QUEUE } from './analysis/analysis-requests.js';
import { AnalysisSubjects } from './analysis/analysis-subjects.js';
import { AnalysisProcessor } from './analysis/analysis.processor.js';
import { AnalysisRepository } from './analysis/analysis.repository.js';
import { AnalysisService } from './analysis/analysis.service.js';
import { ModelInput } from './analysis/model-input.js';
import { modelProvider } from './analysis/model.provider.js';
import { ScanAnalyzer } from './analysis/scan-analyzer.js';
import { DicomThreads } from './dicom/dicom-threads.js';
import { ScanQuota } from './scan-quota.js';
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
import { ScanSetAnalysisService } from './sets/scan-set-analysis.service.js';
import { ScanSetUploadService } from './sets/scan-set-upload.service.js';
import { ScanSetWriter } from './sets/scan-set-writer.js';
import { ScanSet } from './sets/scan-set.entity.js';
import { ScanSetsController } from './sets/scan-sets.controller.js';
import { ScanSetsRepository } from './sets/scan-sets.repository.js';
import { ScanSetsService } from './sets/scan-sets.service.js';
import { UploadAccess } from './upload/upload-access.js';
import { UploadService } from './upload/upload.service.js';
import { Scan } from './scan.entity.js';
import { ScanAnalysis } from './analysis/scan-analysis.entity.js';

@Module({
  imports: [
    BullModule.registerQueue({ name: ANALYSIS_QUEUE }),
    TypeOrmModule.forFeature([Scan, ScanAnalysis, ScanSet]),
  ],
  controllers: [ScansController, ScanSetsController],
  providers: [
    ScansService,
    ScansListener,
    ScansRepository,
    ScanViews,
    ScanLinks,
    ScanFilesService,
    ScanStorage,
    ScanWriter,
    ScanQuota,
    ScanSetsService,
    ScanSetsRepository,
    ScanSetUploadService,
    ScanSetWriter,
    ScanSetAnalysisService,
    UploadAccess,
    ScanSweep,
    UploadService,
    ScanFormReceiver,
    FileProcessor,
    ImageProcessor,
    DicomProcessor,
    DicomThreads,
    AnalysisService,
    AnalysisRepository,
    AnalysisRequests,
    AnalysisSubjects,
    AnalysisRunner,
    ScanAnalyzer,
    ModelInput,
    modelProvider,
  ],
  exports: [
    AnalysisRepository,
    AnalysisRunner,
    AnalysisService,
    BullModule,
    ScanFormReceiver,
    ScansService,
    UploadService,
  ],
})
export class ScansModule {}

/** The processor of the queue, for processes that run jobs. */
@Module({ imports: [ScansModule], providers: [AnalysisProcessor] })
export class ScansProcessorsModule {}
