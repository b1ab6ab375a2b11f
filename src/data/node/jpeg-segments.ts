export const MARKER = { sof2: 0xc2, soi: 0xd8, eoi: 0xd9, sos: 0xda } as const;

/** The place of a marker in a file: that of its code, after the byte 0xff. */
export interface Segment {
  code: number;
  /** The start of the segment's own bytes, after the length. */
  start: number;
  end: number;
  /** For a scan: the end of the coded data, at the next marker that is no restart. */
  dataEnd: number;
}

/** The segments up to the end of the picture, in their order. */
export function segmentsOf(file: Buffer): { segments: Segment[]; isEnded: boolean } {
  const segments: Segment[] = [];
  let at = 2;
  while (at < file.length) {
    at = file.indexOf(0xff, at);
    if (at < 0) break;
    while (file[at] === 0xff) at++; // fill bytes
    const code = file[at] ?? 0;
    at++;
    if (code === MARKER.eoi) return { segments, isEnded: true };
    if (code < 0xc0 || isRestart(code) || code === MARKER.soi) continue;
    if (at + 2 > file.length) break;
    const end = at + file.readUInt16BE(at);
    const dataEnd = code === MARKER.sos ? endOfData(file, end) : end;
    segments.push({ code, start: at + 2, end, dataEnd: withoutFill(file, dataEnd) });
    at = dataEnd;
  }
  return { segments, isEnded: false };
}

/** The end of coded data: a marker that is no restart, or the end of the file. */
function endOfData(file: Buffer, start: number): number {
  for (let at = file.indexOf(0xff, start); at >= 0; at = file.indexOf(0xff, at + 1)) {
    const next = file[at + 1];
    if (next !== undefined && next !== 0 && next !== 0xff && !isRestart(next)) return at;
  }
  return file.length;
}

/** Any number of bytes 0xff may stand before a marker. */
function withoutFill(file: Buffer, end: number): number {
  let at = end;
  while (at > 0 && file[at - 1] === 0xff) at--;
  return at;
}

function isRestart(code: number): boolean {
  return code >= 0xd0 && code <= 0xd7;
}
