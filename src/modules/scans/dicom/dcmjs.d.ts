/** The part of dcmjs that is used here; the package brings no types. */
declare module 'dcmjs' {
  export interface DicomElement {
    vr: string;
    Value: unknown[];
  }

  export type DicomDataset = Record<string, DicomElement>;

  export class DicomDict {
    constructor(meta: DicomDataset);
    meta: DicomDataset;
    dict: DicomDataset;
    write(options?: { fragmentMultiframe?: boolean }): ArrayBuffer;
  }

  interface Log {
    setLevel(level: string, persist?: boolean): void;
    getLogger(name: string): Log;
  }

  interface Dcmjs {
    data: {
      DicomMessage: { readFile(buffer: ArrayBuffer, options?: { ignoreErrors?: boolean }): DicomDict };
      DicomDict: typeof DicomDict;
    };
    log: Log;
  }

  const dcmjs: Dcmjs;
  export default dcmjs;
}
