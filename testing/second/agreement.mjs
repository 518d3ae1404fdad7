// SPDX-License-Identifier: Apache-2.0

// The agreement: spec/agreement.md.
import { Buffer } from 'node:buffer'
import { need, refuse, utf8 } from './fault.mjs'
import { fields, like, list, number, text, toml } from './toml.mjs'
import { fingerprint, note, partyKey, partyName, partySigned, sha256, words } from './keys.mjs'

const forbidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u
const allowed = /[\u200c\u200d]/g
const hidden = (s) => forbidden.test(s.replace(allowed, ''))

// plain is a text whose escapes stand for nothing that A1 forbids; a clause's may hold line feeds.
const plain = (v, what) => {
  need(!hidden(text(v, what)), `${what} holds a character that cannot be seen (A1)`)
  return v
}
const clauseText = (v, what) => {
  plain(text(v, what).replaceAll('\n', ''), what)
  return v
}
const line = (max) => (v, what) => {
  plain(v, what)
  need(v !== '' && v === v.trim() && Buffer.byteLength(v) <= max, `${what} is no line of at most ${max} bytes`)
  return v
}

const slug = /^[a-z][a-z0-9]{0,30}$/
const lineID = /^[a-z][a-z0-9]{0,30}-[0-9a-f]{8}$/
const sum = like(/^sha256:[0-9a-f]{64}$/)
const unit = { h: 3600n, m: 60n, s: 1n }

const duration = (lo, hi) => (v, what) => {
  const m = /^(?:(\d{1,12})h)?(?:(\d{1,12})m)?(?:(\d{1,12})s)?$/.exec(text(v, what))
  need(m && v !== '', `${what} is no length of time`)
  const n = BigInt(m[1] ?? 0) * unit.h + BigInt(m[2] ?? 0) * unit.m + BigInt(m[3] ?? 0)
  need(n >= BigInt(lo) && n <= BigInt(hi), `${what} is out of range`)
  return n
}

const classes = ['test', 'receipt', 'talks', 'notice', 'incident', 'accident', 'distress', 'resumption', 'key', 'text']
const held = ['test', 'distress', 'accident', 'resumption']

const party = (v, what) => {
  const p = fields(v, {
    number: number(1, 60), name: (v, w) => partyName(text(v, w)), short: like(/^[a-z][a-z0-9]{0,19}$/),
    title: line(200), fingerprint: (v, w) => words(text(v, w)), key: (v, w) => partyKey(text(v, w)),
  }, what)
  need(p.fingerprint === fingerprint(p.name, p.key), `${what}: the fingerprint is not that of name and key (A3)`)
  return p
}

const tests = (v, what) => {
  const t = fields(v, { every: duration(600, 86400), offset: duration(0, 86400), answered: list(0, 24, like(/^([01][0-9]|2[0-3]):[0-5][0-9]$/), true) }, what)
  need(86400n % t.every === 0n, `${what}: every does not divide the day`)
  need(t.offset <= t.every - 60n, `${what}: the offset is too long`)
  return t
}

const top = {
  openline: number(1, 1), line: text, version: number(1, 2147483648), 'previous?': sum,
  standing: like(/^(actual|exercise)$/), languages: list(1, 16, line(16), true), catalogue: sum,
  'extensions?': list(0, 64, line(255), true), notice_days: number(1, 3650), never_suspended: list(4, 16, line(64), true),
  party: list(2, 60, party),
  tests,
  ceilings: (v, what) => fields(v, {
    record_bytes: number(4096, 524288), records_per_minute: number(10, 10000000), attachment_bytes: number(0, 67108864),
    clock: duration(3600, 2160 * 3600), clock_difference: duration(10, 3600), timed_head: duration(10, 86400),
  }, what),
  clause: list(5, 1000, (v, what) => fields(v, { id: like(/^[a-z0-9-]{1,32}$/), title: line(200), text: clauseText }, what)),
}

function distinct(of, what) {
  need(new Set(of).size === of.length, `two parties or clauses have one ${what} (A3)`)
}

// parse reads the text of an agreement.
export function parse(bytes) {
  need(bytes.length <= 262144, 'the text is too long (A1)')
  const s = utf8(bytes)
  need(s.endsWith('\n') && !hidden(s.replaceAll('\n', '')), 'the text holds a character that cannot be seen, or does not end with a line feed (A1)')
  const a = fields(toml(s), top, 'agreement')
  a.digest = sha256(bytes)
  need((a.version === 1n) === !('previous' in a), 'previous stands in every version but the first')
  need((a.version === 1n ? slug : lineID).test(a.line), 'the line is not spelt as it must be')
  a.id = a.version === 1n ? `${a.line}-${a.digest.toString('hex', 0, 4)}` : a.line
  for (const c of held) need(a.never_suspended.includes(c), `never_suspended lacks ${c}`)
  for (const k of ['number', 'name', 'short']) distinct(a.party.map((p) => p[k]), k)
  distinct(a.party.map((p) => p.key.ed.toString('hex')), 'key')
  distinct(a.party.map((p) => p.key.ml.toString('hex')), 'key')
  distinct(a.clause.map((c) => c.id), 'id')
  for (const id of ['disclosure', 'retention', 'status', 'effect', 'ending']) need(a.clause.some((c) => c.id === id), `the clause ${id} is missing`)
  return a
}

// open reads a bundle and demands both signatures of every party, and no other line (A5).
export function open(bytes) {
  need(bytes.length <= 262144 + 60 * 8192, 'the bundle is too large')
  const n = note(utf8(bytes))
  need(n.sigs.length <= 120, 'too many signatures')
  const a = parse(Buffer.from(n.text))
  for (const s of n.sigs) need(a.party.some((p) => p.name === s.name), `a signature of ${s.name}, who is no party (A5)`)
  for (const p of a.party) {
    const { ed, ml } = partySigned(n, p.name, p.key)
    need(n.sigs.filter((s) => s.name === p.name).length === 2, `${p.name} has another number of signatures than two (A5)`)
    need(ed === 1 && ml === 1, `a signature of ${p.name} is missing (A5)`)
  }
  return a
}

// amends holds a version to the one before it (A8).
export function amends(next, before) {
  need(next.version === before.version + 1n, 'the version is not one above the one before it here (A8)')
  need(next.previous === 'sha256:' + before.digest.toString('hex'), 'previous is not the digest of the version before (A8)')
  need(next.id === before.id && next.standing === before.standing, 'the line or its standing changed (A8)')
  for (const p of before.party) {
    const q = next.party.find((q) => q.number === p.number)
    if (!q) refuse(`${p.name} left (A8)`)
    need(q.name === p.name && q.short === p.short && q.key.ed.equals(p.key.ed) && q.key.ml.equals(p.key.ml), `the name, short name or key of ${p.name} changed (A8)`)
  }
}
