import { describe, expect, it } from '@jest/globals';
import { actionFor, dummyFor, isPublicCode, isTechnicalValue, termFor, type Action } from './profile.js';

describe('the profile', () => {
  it.each<[string, string, string, Action[]]>([
    // From Table E.1-1 of PS3.15. If it allows several actions, the copy may take any of them.
    ['PatientName', '00100010', 'PN', ['EMPTY']],
    ['PatientID', '00100020', 'LO', ['EMPTY', 'REPLACE']],
    ['PatientBirthDate', '00100030', 'DA', ['EMPTY']],
    ['PatientSex', '00100040', 'CS', ['EMPTY']],
    ['PatientAge', '00101010', 'AS', ['REMOVE']],
    ['PatientAddress', '00101040', 'LO', ['REMOVE']],
    ['OtherPatientIDs', '00101000', 'LO', ['REMOVE']],
    ['PatientComments', '00104000', 'LT', ['REMOVE']],
    ['AccessionNumber', '00080050', 'SH', ['EMPTY']],
    ['InstitutionName', '00080080', 'LO', ['REMOVE']],
    ['ReferringPhysicianName', '00080090', 'PN', ['EMPTY']],
    ['StudyDescription', '00081030', 'LO', ['REMOVE']],
    ['SeriesDescription', '0008103E', 'LO', ['REMOVE']],
    ['StudyDate', '00080020', 'DA', ['EMPTY']],
    ['SeriesDate', '00080021', 'DA', ['REMOVE']],
    ['AcquisitionDateTime', '0008002A', 'DT', ['REMOVE']],
    ['StudyInstanceUID', '0020000D', 'UI', ['MAP_UID']],
    ['FrameOfReferenceUID', '00200052', 'UI', ['MAP_UID']],
    ['IconImageSequence', '00880200', 'SQ', ['REMOVE']],
    ['ContentSequence', '0040A730', 'SQ', ['REMOVE']],
    ['OriginalAttributesSequence', '04000561', 'SQ', ['REMOVE']],
    ['AcquisitionComments', '00184000', 'LT', ['REMOVE']],
    ['DeviceSerialNumber', '00181000', 'LO', ['REMOVE']],
    ['ProtocolName', '00181030', 'LO', ['REMOVE']],
    ['DigitalSignaturesSequence', 'FFFAFFFA', 'SQ', ['REMOVE']],
    ['DataSetTrailingPadding', 'FFFCFFFC', 'OB', ['REMOVE']],
    ['Curve data', '50000010', 'US', ['REMOVE']],
    ['Overlay data', '60003000', 'OW', ['REMOVE']],
    ['a private element', '00091001', 'CS', ['REMOVE']],
    ['one that no edition knows', '00109999', 'US', ['REMOVE']],
    // And what makes it an image.
    ['Rows', '00280010', 'US', ['KEEP']],
    ['RescaleSlope', '00281053', 'DS', ['KEEP']],
    ['Red palette', '00281201', 'OW', ['KEEP']],
    ['Modality', '00080060', 'CS', ['KEEP']],
    ['KVP', '00180060', 'DS', ['KEEP']],
    ['SharedFunctionalGroups', '52009229', 'SQ', ['RECURSE']],
    ['PresentationLUTShape', '20500020', 'CS', ['TERM']],
    ['LUTData', '00283006', 'OW', ['KEEP']],
    ['RescaleType', '00281054', 'LO', ['TERM']],
    ['LUTExplanation', '00283003', 'LO', ['REMOVE']],
    ['PixelSpacingCalibrationDescription', '00280A04', 'LO', ['REPLACE', 'REMOVE']],
  ])('the action for %s (%s, %s) is one of %j', (_, tag, vr, allowed) => {
    expect(allowed).toContain(actionFor(tag, vr));
  });

  it.each([
    ['DeviceSerialNumber', '00181000', 'LO'],
    ['SoftwareVersions', '00181020', 'LO'],
    ['ContentDate', '00080023', 'DA'],
    ['AcquisitionDateTime', '0008002A', 'DT'],
  ])('replaces %s by a dummy in images with functional groups', (_, tag, vr) => {
    expect(actionFor(tag, vr, true)).toBe('REPLACE');
    expect(dummyFor(tag)).toMatch(/^(Removed|19000101|19000101000000)$/);
  });

  it('keeps allowed terms and no other texts', () => {
    expect(termFor('00281054', 'HU')).toBe('HU');
    expect(termFor('00281054', 'Mona Hassan')).toBe('US');
    expect(termFor('20500020', 'INVERSE')).toBe('INVERSE');
    expect(termFor('20500020', 'MONA')).toBeNull();
    expect(termFor('00209056', 'Mona')).toBe('1');
  });

  it.each([
    ['SCT', '69536005', true],
    ['SRT', 'T-D1100', true],
    ['DCM', '113100', true],
    ['UCUM', 'mm', true],
    ['LN', '24627-2', true],
    ['RADLEX', 'RID58', true],
    ['SCT', 'Ms Zimmer', false],
    ['DCM', 'Zimmer', false],
    ['UCUM', '{Ms Zimmer}', false],
    ['99MINE', '69536005', false],
    ['SCT', null, false],
    [null, '69536005', false],
  ])('%s %s is a public code: %s', (scheme, value, isPublic) => {
    expect(isPublicCode(scheme, value)).toBe(isPublic);
  });

  it('accepts codes of at most 16 capitals, and numbers', () => {
    expect(['HEAD', 'LEFT_1', ''].every((value) => isTechnicalValue('CS', value))).toBe(true);
    expect(['Mona Hassan', 'MONA HASSAN OF CAIRO'].some((value) => isTechnicalValue('CS', value))).toBe(false);
    expect(isTechnicalValue('DS', '-1.5E3')).toBe(true);
    expect(isTechnicalValue('DS', 'Mona')).toBe(false);
  });
});
