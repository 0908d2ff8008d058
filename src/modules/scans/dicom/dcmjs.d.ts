/** The part of dcmjs that is used here; the package brings no types. */
declare module 'dcmjs' {
  export interface DicomElement {
    vr: string;
    Value: unknown[];
    /** As it stands in the file, where `Value` is a number made of text. */
    _rawValue?: unknown;
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
      /** PS3.6, by tags as `(0008,0060)`. */
      DicomMetaDictionary: { dictionary: Record<string, { vr: string } | undefined> };
    };
    log: Log;
  }

  const dcmjs: Dcmjs;
  export default dcmjs;
}
