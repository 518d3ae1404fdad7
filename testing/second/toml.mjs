// SPDX-License-Identifier: Apache-2.0

// A reader of TOML 1.0 as far as agreements and catalogues need it: integers
// are BigInt, floats and dates are read as Other, which no field admits.
import { need, refuse } from './fault.mjs'

export class Other {}

const bare = /[A-Za-z0-9_-]+/y
const integer = /^(?:[+-]?(?:0|[1-9](?:_?[0-9])*)|0x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*)$/
const float = /^[+-]?(?:inf|nan|(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?)$/
const date = /^(?:\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)?)?|\d\d:\d\d:\d\d(?:\.\d+)?)$/
const escapes = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', '"': '"', '\\': '\\' }

class Parser {
  constructor(text) {
    need(!/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) && !/\r(?!\n)/.test(text), 'a control character')
    this.s = text.replaceAll('\r\n', '\n')
    this.at = 0
    this.defined = new WeakSet() // tables that a header or an inline table closed
    this.fixed = new WeakSet() // inline tables and arrays: nothing may be added
    this.dotted = new WeakSet() // tables made by a dotted key
  }

  fail(why) {
    refuse(`line ${this.s.slice(0, this.at).split('\n').length}: ${why}`)
  }

  blank() {
    while (this.s[this.at] === ' ' || this.s[this.at] === '\t') this.at++
  }

  // space passes over blanks, line feeds and comments.
  space() {
    for (;;) {
      this.blank()
      if (this.s[this.at] === '#') this.comment()
      else if (this.s[this.at] === '\n') this.at++
      else return
    }
  }

  comment() {
    const end = this.s.indexOf('\n', this.at)
    this.at = end < 0 ? this.s.length : end
  }

  lineEnd() {
    this.blank()
    if (this.s[this.at] === '#') this.comment()
    if (this.at < this.s.length && this.s[this.at] !== '\n') this.fail('something follows the value')
    this.at++
  }

  take(c) {
    if (!this.s.startsWith(c, this.at)) this.fail(`${c} is missing`)
    this.at += c.length
  }

  key() {
    const out = []
    for (;;) {
      this.blank()
      const c = this.s[this.at]
      if (c === '"' || c === "'") {
        if (this.s.startsWith(c.repeat(3), this.at)) this.fail('a key of several lines')
        out.push(this.string())
      } else {
        bare.lastIndex = this.at
        const m = bare.exec(this.s)
        if (!m) this.fail('a key is missing')
        this.at += m[0].length
        out.push(m[0])
      }
      this.blank()
      if (this.s[this.at] !== '.') return out
      this.at++
    }
  }

  string() {
    const q = this.s[this.at]
    const long = this.s.startsWith(q.repeat(3), this.at)
    this.at += long ? 3 : 1
    if (long && this.s[this.at] === '\n') this.at++
    let out = ''
    for (;;) {
      const c = this.s[this.at]
      if (c === undefined || (c === '\n' && !long)) this.fail('a text does not end')
      if (c === q && (!long || this.s.startsWith(q.repeat(3), this.at))) {
        if (!long) {
          this.at++
          return out
        }
        let n = 3
        while (n < 5 && this.s[this.at + n] === q) n++
        this.at += n
        return out + q.repeat(n - 3)
      }
      if (c === '\\' && q === '"') out += this.escape(long)
      else {
        out += c
        this.at++
      }
    }
  }

  escape(long) {
    const c = this.s[++this.at]
    if (c in escapes) {
      this.at++
      return escapes[c]
    }
    if (c === 'u' || c === 'U') {
      const hex = this.s.slice(this.at + 1, this.at + (c === 'u' ? 5 : 9))
      const n = parseInt(hex, 16)
      if (!/^([0-9A-Fa-f]{4}|[0-9A-Fa-f]{8})$/.test(hex) || n > 0x10ffff || (n >= 0xd800 && n < 0xe000)) this.fail('an escape that is no character')
      this.at += 1 + hex.length
      return String.fromCodePoint(n)
    }
    const m = long && /^[ \t]*\n[ \t\n]*/.exec(this.s.slice(this.at))
    if (!m) this.fail('an escape that TOML does not have')
    this.at += m[0].length
    return ''
  }

  value() {
    const c = this.s[this.at]
    if (c === '"' || c === "'") return this.string()
    if (c === '[') return this.array()
    if (c === '{') return this.inline()
    const m = /^[^\s,\]}#]+(?: \d\d:[0-9:.Zz+-]+)?/.exec(this.s.slice(this.at, this.at + 80))
    if (!m) this.fail('a value is missing')
    const word = m[0]
    this.at += word.length
    if (word === 'true' || word === 'false') return word === 'true'
    if (integer.test(word)) {
      const n = word.replaceAll('_', '').replace('+', '')
      const v = n[0] === '-' ? -BigInt(n.slice(1)) : BigInt(n)
      if (v < -(1n << 63n) || v >= 1n << 63n) this.fail('a number that is too large')
      return v
    }
    if (float.test(word) || date.test(word)) return new Other()
    return this.fail(`${word} is no value`)
  }

  array() {
    const out = []
    this.fixed.add(out)
    this.at++
    for (;;) {
      this.space()
      if (this.s[this.at] === ']') break
      out.push(this.value())
      this.space()
      if (this.s[this.at] === ']') break
      this.take(',')
    }
    this.at++
    return out
  }

  inline() {
    const out = Object.create(null)
    this.at++
    this.blank()
    if (this.s[this.at] !== '}') {
      for (;;) {
        this.assign(out)
        this.blank()
        if (this.s[this.at] === '}') break
        this.take(',')
      }
    }
    this.at++
    this.close(out)
    return out
  }

  close(v) {
    if (v === null || typeof v !== 'object' || v instanceof Other) return
    this.fixed.add(v)
    for (const x of Object.values(v)) this.close(x)
  }

  // assign reads key = value into a table.
  assign(table) {
    const path = this.key()
    for (const k of path.slice(0, -1)) {
      if (!(k in table)) this.dotted.add((table[k] = Object.create(null)))
      table = table[k]
      if (!this.dotted.has(table) || this.fixed.has(table)) this.fail(`${k} is there already`)
    }
    const k = path.at(-1)
    if (k in table) this.fail(`${k} is there already`)
    this.take('=')
    this.blank()
    table[k] = this.value()
  }

  // open finds the table that a header names.
  open(root, path, list) {
    let t = root
    for (const k of path.slice(0, -1)) {
      if (!(k in t)) t[k] = Object.create(null)
      t = Array.isArray(t[k]) && !this.fixed.has(t[k]) ? t[k].at(-1) : t[k]
      if (t === null || typeof t !== 'object' || t instanceof Other || this.fixed.has(t)) this.fail(`${k} is no table`)
    }
    const k = path.at(-1)
    if (list) {
      if (!(k in t)) t[k] = []
      if (!Array.isArray(t[k]) || this.fixed.has(t[k])) this.fail(`${k} is there already`)
      t[k].push(Object.create(null))
      return t[k].at(-1)
    }
    if (!(k in t)) t[k] = Object.create(null)
    const found = t[k]
    if (found === null || typeof found !== 'object' || found instanceof Other || Array.isArray(found) || this.fixed.has(found) || this.dotted.has(found) || this.defined.has(found)) this.fail(`${k} is there already`)
    this.defined.add(found)
    return found
  }

  document() {
    const root = Object.create(null)
    let table = root
    for (;;) {
      this.space()
      if (this.at >= this.s.length) return root
      if (this.s[this.at] !== '[') this.assign(table)
      else {
        const list = this.s.startsWith('[[', this.at)
        this.at += list ? 2 : 1
        const path = this.key()
        this.take(list ? ']]' : ']')
        table = this.open(root, path, list)
      }
      this.lineEnd()
    }
  }
}

// toml reads a document into objects without a prototype.
export function toml(text) {
  return new Parser(text).document()
}

// fields holds a table to its keys: {key: check, 'key?': check}; what is read is what the checks give back.
export function fields(table, wanted, where) {
  need(table !== null && typeof table === 'object' && !Array.isArray(table) && !(table instanceof Other), `${where} is no table`)
  const out = {}
  const known = new Set()
  for (const [name, check] of Object.entries(wanted)) {
    const k = name.replace('?', '')
    known.add(k)
    if (k in table) out[k] = check(table[k], `${where} ${k}`)
    else need(name.endsWith('?'), `${where} ${k} is missing`)
  }
  for (const k of Object.keys(table)) need(known.has(k), `${where} has no field ${k}`)
  return out
}

export const text = (v, what) => {
  need(typeof v === 'string', `${what} is no text`)
  return v
}

export const bool = (v, what) => {
  need(typeof v === 'boolean', `${what} is neither true nor false`)
  return v
}

export const number = (lo, hi) => (v, what) => {
  need(typeof v === 'bigint' && v >= BigInt(lo) && v <= BigInt(hi), `${what} is not a number from ${lo} to ${hi}`)
  return v
}

export const like = (re) => (v, what) => {
  need(re.test(text(v, what)), `${what} is not spelt as it must be`)
  return v
}

export const list = (lo, hi, check, distinct) => (v, what) => {
  need(Array.isArray(v) && v.length >= lo && v.length <= hi, `${what} is not a list of ${lo} to ${hi}`)
  const out = v.map((x) => check(x, what))
  need(!distinct || new Set(out).size === out.length, `${what} names something twice`)
  return out
}
