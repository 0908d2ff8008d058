import { describe, expect, it } from '@jest/globals';
import { actionFor, isTechnicalValue, type Action } from './profile.js';

describe('the profile', () => {
  it.each<[string, string, string, Action[]]>([
    // What CLINICAL.md cites of Table E.1-1; where it allows several, the copy may take any of them.
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
  ])('%s', (_, tag, vr, allowed) => {
    expect(allowed).toContain(actionFor(tag, vr));
  });

  it('keeps no name that somebody wrote into a code or number', () => {
    expect(['HEAD', 'LEFT_1', ''].every((value) => isTechnicalValue('CS', value))).toBe(true);
    expect(['Mona Hassan', 'MONA HASSAN OF CAIRO'].some((value) => isTechnicalValue('CS', value))).toBe(false);
    expect(isTechnicalValue('DS', '-1.5E3')).toBe(true);
    expect(isTechnicalValue('DS', 'Mona')).toBe(false);
    expect(isTechnicalValue('US', 7)).toBe(true);
  });
});
