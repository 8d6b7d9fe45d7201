import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** A file of a zip. `pieces` gives the same text each time that it is called: once to measure, once to send. */
export interface ZipFile {
  readonly name: string
  pieces(): AsyncIterable<string> | Iterable<string>
}

export interface MeasuredFile extends ZipFile {
  readonly bytes: number
  readonly crc: number
  /** SHA-256, hex. */
  readonly hash: string
}

export async function measured(file: ZipFile): Promise<MeasuredFile> {
  const hash = createHash('sha256')
  let [bytes, crc] = [0, 0]
  for await (const piece of file.pieces()) {
    const part = Buffer.from(piece)
    hash.update(part)
    bytes += part.length
    crc = crc32(part, crc)
  }
  return { ...file, bytes, crc, hash: hash.digest('hex') }
}

/** The size up to which a zip has this form: no checker of ours reads a larger one. */
export const ZIP_MAX = 2 ** 30

/**
 * A zip of stored files, in their order (APPNOTE 6.3.10, without zip64): nothing stands outside its entries. Throws
 * when a file is not what was measured; then what was sent is no zip, and nobody takes it for one.
 */
export async function* zipped(files: readonly MeasuredFile[]): AsyncGenerator<Uint8Array> {
  const listed: Buffer[] = []
  let offset = 0
  for (const file of files) {
    const name = Buffer.from(file.name)
    const fields = fieldsOf(file, name.length)
    yield Buffer.concat([Buffer.from('PK\x03\x04'), fields, name])
    yield* contentOf(file)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    listed.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), fields, place, name]))
    offset += 4 + fields.length + name.length + file.bytes
  }
  const directory = Buffer.concat(listed)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  yield Buffer.concat([directory, end])
}

async function* contentOf(file: MeasuredFile): AsyncGenerator<Uint8Array> {
  let crc = 0
  for await (const piece of file.pieces()) {
    const part = Buffer.from(piece)
    crc = crc32(part, crc)
    yield part
  }
  if (crc !== file.crc) throw new Error(`${file.name} changed while the bundle was made`)
}

/** From "version needed" to the length of the extra field: the same in both headers. Names are UTF-8. */
function fieldsOf({ crc, bytes }: MeasuredFile, nameLength: number): Buffer {
  const fields = Buffer.alloc(26)
  fields.writeUInt16LE(20, 0)
  fields.writeUInt16LE(0x0800, 2)
  fields.writeUInt32LE(crc, 10)
  fields.writeUInt32LE(bytes, 14)
  fields.writeUInt32LE(bytes, 18)
  fields.writeUInt16LE(nameLength, 22)
  return fields
}
