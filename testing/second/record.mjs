// SPDX-License-Identifier: Apache-2.0

// The three layers of a record: spec/record.md sections 2 to 4.
import { createHash } from 'node:crypto'
import { need, Refused } from './fault.mjs'
import { Reader, max64 } from './cbor.mjs'

const time = 253402300799n
const party = (r) => r.uint(1n, 65535n, 'a party')
const generation = (r) => r.uint(1n, 0xffffffffn, 'a generation')

function reference(r) {
  r.array(2, 2, 'a reference')
  const of = party(r)
  if (r.b[r.at] >> 5 === 2) return { party: of, hash: r.hash('a leaf hash') }
  return { party: of, number: r.uint(1n, max64, 'a record number') }
}

function seen(r) {
  let last = null
  return r.list(256, 'seen', () => {
    r.array(4, 4, 'an item of seen')
    const s = { party: party(r), generation: generation(r), size: r.uint(0n, max64, 'a size'), root: r.hash('a root') }
    need(last === null || last.party < s.party || (last.party === s.party && last.generation < s.generation), 'seen is not in order (R5)')
    return (last = s)
  })
}

const leafFields = {
  1: ['format', (r) => r.uint(1n, 1n, 'the format')],
  2: ['agreement', (r) => r.uint(1n, 0xffffffffn, 'the agreement version')],
  3: ['author', party],
  4: ['generation', generation],
  5: ['time', (r) => r.uint(0n, time, 'the time')],
  6: ['about', reference, true],
  7: ['seen', seen, true],
  8: ['header', (r) => r.hash('the header digest')],
}

const headerFields = {
  1: ['code', (r) => r.name(16, 'the code')],
  2: ['status', (r) => r.uint(1n, 3n, 'the status')],
  3: ['precedence', (r) => r.uint(1n, 4n, 'the precedence')],
  4: ['from', (r) => r.name(64, 'the post of the author')],
  5: ['to', (r) => r.list(60, 'to', () => (r.array(2, 2, 'an address'), { party: party(r), post: r.name(64, 'a post') })), true],
  6: ['re', (r) => r.list(64, 're', () => reference(r)), true],
  7: ['written', (r) => r.uint(0n, time, 'the hour of writing')],
  8: ['wished', (r) => r.uint(1n, time, 'the wish'), true],
  9: ['clocks', reference, true],
  10: ['language', (r) => r.name(16, 'the language')],
  11: ['body', (r) => r.hash('the body digest')],
}

const bodyFields = {
  1: ['salt', (r) => {
    const b = r.bytes(16, 'the salt')
    need(b.length === 16, 'the salt has not 16 bytes (R10)')
    return b
  }],
  2: ['params', (r) => {
    const budget = { values: 0 }
    return r.texts(32, 32, 'the parameters', () => r.value(0, budget))
  }, true],
  3: ['text', (r) => r.words(524288, 'the text'), true],
  4: ['translations', (r) => r.texts(16, 16, 'the translations', () => r.words(524288, 'a translation')), true],
  5: ['attachments', (r) => r.list(16, 'the attachments', () => {
    r.array(4, 4, 'an attachment')
    return { digest: r.hash('a digest'), size: r.uint(0n, max64, 'a size'), type: r.name(255, 'a type'), name: r.name(255, 'a name') }
  }), true],
}

function layer(bytes, max, fields, what) {
  try {
    need(bytes.length <= max, `the ${what} is too long`)
    const r = new Reader(bytes)
    const out = r.map(fields, `the ${what}`)
    r.end()
    return out
  } catch (e) {
    if (e instanceof Refused) return null
    throw e
  }
}

// leaf, header and body give the layer, or null where it does not parse.
export const leaf = (bytes) => layer(bytes, 8192, leafFields, 'leaf')
export const header = (bytes) => layer(bytes, 4096, headerFields, 'header')
export const body = (bytes) => layer(bytes, 1 << 20, bodyFields, 'body')

const digest = (tag, bytes) => createHash('sha256').update(tag).update(bytes).digest()

export const leafHash = (bytes) => digest(Buffer.of(0), bytes)
export const headerDigest = (bytes) => digest('openline/header/v1\n', bytes)
export const bodyDigest = (bytes) => digest('openline/body/v1\n', bytes)

// newerFormat says whether a leaf that does not parse calls itself one of a later record format
// (spec/extract.md step 12).
export function newerFormat(bytes) {
  try {
    const r = new Reader(bytes)
    const n = r.typed(5, 'a leaf')
    return n <= 64n && r.typed(0, 'a key') === 1n && r.typed(0, 'the format') > 1n
  } catch (e) {
    if (e instanceof Refused) return false
    throw e
  }
}

// spoken is a reference as it is written: red/310, or red/# and the leaf hash.
export function spoken(ref, short) {
  return `${short}/${ref.hash ? '#' + ref.hash.toString('hex') : ref.number}`
}
