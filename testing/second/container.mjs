// SPDX-License-Identifier: Apache-2.0

// The container of an extract: spec/extract.md section 2. It is read by names,
// sizes and checksums; every header is written anew and compared.
import fs from 'node:fs'
import { createHash } from 'node:crypto'
import { Fault } from './fault.mjs'

const piece = 1 << 20
const table = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1
  return n >>> 0
})

function crc32(crc, bytes) {
  crc = ~crc
  for (const b of bytes) crc = table[(crc ^ b) & 255] ^ (crc >>> 8)
  return ~crc >>> 0
}

// Disk is a file read at places, never whole.
export class Disk {
  constructor(path) {
    this.fd = fs.openSync(path, 'r')
    this.size = fs.fstatSync(this.fd).size
  }

  read(at, length) {
    const b = Buffer.alloc(length)
    for (let n = 0; n < length; ) {
      const got = fs.readSync(this.fd, b, n, length - n, at + n)
      if (got === 0) throw new Error('the file became shorter while it was read')
      n += got
    }
    return b
  }
}

// Memory is a file that lies in memory.
export class Memory {
  constructor(bytes) {
    this.bytes = bytes
    this.size = bytes.length
  }

  read(at, length) {
    return this.bytes.subarray(at, at + length)
  }
}

const name = /^[a-z0-9\-_.\/]{1,200}$/

function common(f) {
  const b = Buffer.alloc(26)
  b.writeUInt16LE(10, 0)
  b.writeUInt32LE(f.crc, 10)
  b.writeUInt32LE(f.size, 14)
  b.writeUInt32LE(f.size, 18)
  b.writeUInt16LE(f.name.length, 22)
  return b
}

function localHeader(f) {
  return Buffer.concat([Buffer.from('504b0304', 'hex'), common(f), Buffer.from(f.name, 'latin1')])
}

function directoryEntry(f) {
  const tail = Buffer.alloc(14)
  tail.writeUInt32LE(f.offset, 10)
  return Buffer.concat([Buffer.from('504b01020a00', 'hex'), common(f), tail, Buffer.from(f.name, 'latin1')])
}

// directory reads the end and the directory into files, and holds both headers of each to their one spelling.
function directory(disk) {
  const bad = (why) => new Fault(1, '', why)
  if (disk.size > 0xfffffffe || disk.size < 22) throw bad('the file has no length that an extract can have')
  const end = disk.read(disk.size - 22, 22)
  const count = end.readUInt16LE(8), length = end.readUInt32LE(12), offset = end.readUInt32LE(16)
  if (count > 4096) throw bad('more than 4096 files')
  if (offset + length + 22 !== disk.size || length > 4096 * 246) throw bad('the directory is not where the end says')
  const anew = Buffer.alloc(22)
  Buffer.from('504b0506', 'hex').copy(anew)
  anew.writeUInt16LE(count, 8)
  anew.writeUInt16LE(count, 10)
  anew.writeUInt32LE(length, 12)
  anew.writeUInt32LE(offset, 16)
  if (!anew.equals(end)) throw bad('the end of the container is spelt otherwise')
  const dir = disk.read(offset, length)
  const files = []
  let at = 0, place = 0
  for (let i = 0; i < count; i++) {
    if (at + 46 > length) throw bad('the directory ends too early')
    const n = dir.readUInt16LE(at + 28)
    if (at + 46 + n > length) throw bad('the directory ends too early')
    const f = {
      name: dir.toString('latin1', at + 46, at + 46 + n),
      crc: dir.readUInt32LE(at + 16), size: dir.readUInt32LE(at + 20), offset: place,
    }
    if (!name.test(f.name)) throw bad('a name that an extract cannot have')
    if (files.length && files.at(-1).name >= f.name) throw new Fault(1, f.name, 'the names are not in ascending order')
    if (!directoryEntry(f).equals(dir.subarray(at, at + 46 + n))) throw new Fault(1, f.name, 'its line in the directory is spelt otherwise')
    const header = localHeader(f)
    if (place + header.length + f.size > offset) throw bad('the files are longer than what lies before the directory')
    if (!header.equals(disk.read(place, header.length))) throw new Fault(1, f.name, 'its header is spelt otherwise')
    files.push({ ...f, start: place + header.length })
    place += header.length + f.size
    at += 46 + n
  }
  if (at !== length) throw bad('the directory is longer than its files')
  if (place !== offset) throw bad('something lies between the last file and the directory')
  return files
}

// open reads the container and gives the files by name: {name, size, crc, read}.
export function open(disk) {
  return new Map(directory(disk).map((f) => [f.name, { ...f, read: (from = 0, n = f.size - from) => disk.read(f.start + from, n) }]))
}

function sums(f) {
  const hash = createHash('sha256')
  let crc = 0
  for (let at = 0; at < f.size; at += piece) {
    const b = f.read(at, Math.min(piece, f.size - at))
    crc = crc32(crc, b)
    hash.update(b)
  }
  if (crc !== f.crc) throw new Fault(1, f.name, 'its bytes do not have the checksum of its header')
  return hash.digest('hex')
}

// check holds every file to its checksum and to its line in digests.txt.
export function check(files) {
  const list = files.get('digests.txt')
  if (!list) throw new Fault(1, 'digests.txt', 'it is missing')
  sums(list)
  let want = ''
  const found = []
  for (const f of files.values()) {
    if (f !== list) found.push([f, `${sums(f)}  ${f.name}\n`])
  }
  const given = list.read().toString('latin1')
  for (const [f, line] of found) {
    if (!given.startsWith(line, want.length)) throw new Fault(1, f.name, 'digests.txt has another digest of it, or none')
    want += line
  }
  if (given !== want) throw new Fault(1, 'digests.txt', 'it lists what is not here')
}
