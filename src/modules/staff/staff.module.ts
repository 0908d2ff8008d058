import { Module } from '@nestjs/common';
import { DoctorsModule } from '../doctors/index.js';
import { UsersModule } from '../users/index.js';
import { StaffController } from './staff.controller.js';
import { StaffRepository } from './staff.repository.js';
import { StaffService } from './staff.service.js';

@Module({
  imports: [DoctorsModule, UsersModule],
  controllers: [StaffController],
  providers: [StaffService, StaffRepository],
})
export class StaffModule {}
