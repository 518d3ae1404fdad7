// SPDX-License-Identifier: Apache-2.0

// Deterministic CBOR of spec/record.md section 3: one spelling, walked over once.
import { need, refuse, utf8 } from './fault.mjs'

const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/
export const max64 = (1n << 64n) - 1n

// Reader walks over bytes; every method throws Refused on what breaks a rule.
export class Reader {
  constructor(bytes, at = 0) {
    this.b = bytes
    this.at = at
  }

  end() {
    need(this.at === this.b.length, 'bytes follow the item (R1)')
  }

  // head reads an initial byte and its argument in its shortest form (R2, R3).
  head() {
    need(this.at < this.b.length, 'the item ends too early (R1)')
    const first = this.b[this.at++]
    const major = first >> 5, info = first & 31
    if (info < 24) return [major, BigInt(info)]
    need(info <= 27, 'a reserved head or an indefinite length (R3)')
    const n = 1 << (info - 24)
    need(this.at + n <= this.b.length, 'the item ends too early (R1)')
    let arg = 0n
    for (let i = 0; i < n; i++) arg = (arg << 8n) | BigInt(this.b[this.at++])
    need(major !== 7, 'a float or another simple value (R4)')
    need(arg >= (n === 1 ? 24n : 1n << BigInt(n * 4)), 'a head that is not the shortest (R2)')
    return [major, arg]
  }

  typed(major, what) {
    const [m, arg] = this.head()
    need(m === major, `${what} has another type (R8)`)
    return arg
  }

  uint(lo, hi, what) {
    const n = this.typed(0, what)
    need(n >= lo && n <= hi, `${what} is out of range (R10)`)
    return n
  }

  // span takes a length that was read, within its bound (R9).
  span(length, max, what) {
    need(length <= BigInt(max), `${what} is too long (R9)`)
    const n = Number(length)
    need(this.at + n <= this.b.length, `${what} ends too early (R1)`)
    const out = this.b.subarray(this.at, this.at + n)
    this.at += n
    return out
  }

  bytes(max, what) {
    return this.span(this.typed(2, what), max, what)
  }

  hash(what) {
    const b = this.bytes(32, what)
    need(b.length === 32, `${what} has not 32 bytes (R10)`)
    return b
  }

  string(bytes) {
    const s = utf8(bytes)
    need(!control.test(s), 'a control character (R11)')
    return s
  }

  text(max, what) {
    return this.string(this.span(this.typed(3, what), max, what))
  }

  // words is text of a layer that is left out when empty (R6); a name has no line feed (R10).
  words(max, what) {
    const s = this.text(max, what)
    need(s !== '', `${what} is empty (R6)`)
    return s
  }

  name(max, what) {
    const s = this.words(max, what)
    need(!s.includes('\n'), `${what} holds a line feed (R10)`)
    return s
  }

  // array reads the head of an array of lo to hi elements.
  array(lo, hi, what) {
    const n = this.typed(4, what)
    need(n >= BigInt(lo) && n <= BigInt(hi), `${what} has another number of elements (R8, R9)`)
    return Number(n)
  }

  list(max, what, each) {
    const n = this.array(1, max, what)
    const out = []
    for (let i = 0; i < n; i++) out.push(each())
    return out
  }

  // map reads a map of numbered keys: fields is {key: [name, reader, optional]}.
  map(fields, what) {
    const n = this.typed(5, what)
    need(n <= BigInt(Object.keys(fields).length), `${what} has too many keys (R7, R9)`)
    const out = {}
    let last = -1n
    for (let i = 0n; i < n; i++) {
      const key = this.typed(0, `a key of ${what}`)
      need(key > last, `the keys of ${what} are not in order (R5)`)
      last = key
      const f = fields[key]
      need(f, `${what} has no key ${key} (R7)`)
      out[f[0]] = f[1](this)
    }
    for (const [name, , optional] of Object.values(fields)) {
      need(optional || name in out, `${name} is missing (R7)`)
    }
    return out
  }

  // texts reads a map from names to values, in the bytewise order of the encoded keys (R5).
  texts(max, keyMax, what, each) {
    const n = this.typed(5, what)
    need(n >= 1n && n <= BigInt(max), `${what} has another number of keys (R6, R9)`)
    const out = new Map()
    let last = null
    for (let i = 0n; i < n; i++) {
      const from = this.at
      const key = this.name(keyMax, `a key of ${what}`)
      const spelt = this.b.subarray(from, this.at)
      need(last === null || Buffer.compare(last, spelt) < 0, `the keys of ${what} are not in order (R5)`)
      last = spelt
      out.set(key, each())
    }
    return out
  }

  // value reads a value of a parameter; budget counts values and lists of one body.
  value(depth, budget) {
    need(++budget.values <= 4096, 'more than 4096 values (R9)')
    const [major, arg] = this.head()
    switch (major) {
      case 0:
        return arg
      case 1:
        need(arg < 1n << 63n, 'a negative number below -2^63 (R10)')
        return -1n - arg
      case 2:
        return this.span(arg, 524288, 'a value')
      case 3:
        return this.string(this.span(arg, 524288, 'a value'))
      case 4: {
        need(arg <= 512n, 'a list of more than 512 values (R9)')
        need(depth < 5, 'lists more than five deep (R9)')
        return Array.from({ length: Number(arg) }, () => this.value(depth + 1, budget))
      }
      case 7:
        need(arg === 20n || arg === 21n, 'a simple value that is neither true nor false (R4)')
        return arg === 21n
    }
    return refuse('a value of another type (R4, R8)')
  }
}
