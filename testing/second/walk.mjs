// SPDX-License-Identifier: Apache-2.0

// The walk over a file of entries: spec/extract.md section 4.
import * as record from './record.mjs'
import { at, Fault, need } from './fault.mjs'
import { Reader } from './cbor.mjs'
import { Edge } from './log.mjs'
import { maxSize } from './card.mjs'

const window = 4 << 20
const largest = 8192 + 4096 + (1 << 20) + 32

// items gives the items of a file one by one, with a window of a few mebibytes.
function* items(file) {
  let buf = file.read(0, Math.min(window, file.size)), from = 0
  const r = new Reader(buf)
  while (from + r.at < file.size) {
    if (buf.length - r.at < largest && from + buf.length < file.size) {
      from += r.at
      buf = file.read(from, Math.min(window, file.size - from))
      r.b = buf
      r.at = 0
    }
    yield item(r)
  }
}

function item(r) {
  const n = r.array(2, 4, 'an item')
  const depth = Number(r.uint(0n, 3n, 'the depth'))
  need(n === (depth === 0 ? 3 : depth + 1), 'an item has another number of elements')
  if (depth === 0) return { depth, level: Number(r.uint(0n, 61n, 'the level')), root: r.hash('the root') }
  const it = { depth, leafBytes: r.bytes(8192, 'the leaf') }
  if (depth > 1) it.headerBytes = r.bytes(4096, 'the header')
  if (depth > 2) it.bodyBytes = r.bytes(1 << 20, 'the body')
  return it
}

// match parses what is shown and holds header and body to their digests.
function match(it) {
  it.hash = record.leafHash(it.leafBytes)
  it.leaf = record.leaf(it.leafBytes)
  it.header = null
  if (it.depth < 2) return
  if (!it.leaf) {
    need(it.headerBytes.length === 0, 'a header beneath a leaf that does not parse')
  } else {
    need(record.headerDigest(it.headerBytes).equals(it.leaf.header), 'a header that the leaf does not name')
    it.header = record.header(it.headerBytes)
  }
  if (it.depth < 3) return
  if (!it.header) need(it.bodyBytes.length === 0, 'a body beneath a header that does not parse')
  else need(record.bodyDigest(it.bodyBytes).equals(it.header.body), 'a body that the header does not name')
}

// walk goes once through the entries of a log. roots are sizes with the root needed there, from is
// the index from which nothing may be withheld (null: anywhere), visit sees each record shown.
export function walk(x, log, roots, from, visit) {
  const name = log.dir + 'entries.cbor'
  const file = x.files.get(name)
  const edge = new Edge()
  let next = 0
  const meet = () => {
    for (; next < roots.length && roots[next][0] === edge.size; next++) {
      const [size, root, by] = roots[next]
      if (by === null) roots[next][3](edge.root().equals(root))
      else if (!edge.root().equals(root)) throw new Fault(4, by, `the records shown do not lead to its root at ${size}`)
    }
  }
  log.counts = [0n, 0, 0, 0]
  at(4, name, () => {
    meet()
    for (const it of items(file)) {
      const index = edge.size
      if (it.depth === 0) {
        const size = 1n << BigInt(it.level)
        need(index % size === 0n && index + size <= maxSize, 'a subtree that begins at no multiple of its size')
        need(next >= roots.length || index + size <= roots[next][0], 'a subtree reaches across a size at which a root is needed')
        need(from === null || index + size <= from, 'records of the range are withheld')
        edge.append(it.level, it.root)
        log.counts[0] += size
      } else {
        match(it)
        edge.append(0, it.hash)
        log.counts[it.depth]++
        visit({ ...it, log, index, number: log.card.base + index, inRange: from !== null && index >= from })
      }
      need(edge.size <= log.shown, 'more records than the largest head has')
      meet()
    }
    need(edge.size === log.shown, 'fewer records than the largest head has')
  })
}

// Order prints what breaks step 5 and judges nothing.
export function order(x) {
  const last = new Map()
  return (rec) => {
    const { leaf, log } = rec
    if (!leaf) return
    const who = `${log.party.short}/${rec.number}`
    const s = last.get(log) ?? last.set(log, { time: 0n, seen: new Map() }).get(log)
    if (leaf.author !== log.number || leaf.generation !== log.generation) x.notes.push(`${who} names another log than its own`)
    if (leaf.time < s.time) x.notes.push(`${who} is dated before a record before it`)
    s.time = leaf.time
    for (const e of leaf.seen ?? []) {
      const k = `${e.party}/${e.generation}`
      if (e.size < (s.seen.get(k) ?? 0n)) x.notes.push(`${who} names less as seen than a record before it`)
      s.seen.set(k, e.size)
    }
  }
}
