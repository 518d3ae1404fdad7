// SPDX-License-Identifier: Apache-2.0

// Steps 1 to 5 of spec/extract.md section 5, which both kinds have in common.
import * as container from './container.mjs'
import * as agreement from './agreement.mjs'
import * as catalogue from './catalogue.mjs'
import * as cards from './card.mjs'
import * as heads from './head.mjs'
import { at, decimal, Fault, lines, need, utf8 } from './fault.mjs'

// The names of section 3, each with its bound in bytes.
const names = [
  [/^digests\.txt$/, Infinity], [/^extract\.txt$/, 4096], [/^summary\.txt$/, 65536],
  [/^agreement\/([0-9]{10})\.txt$/, 1 << 20],
  [/^catalogue\/([0-9a-f]{64})\/manifest\.txt$/, 65536],
  [/^catalogue\/([0-9a-f]{64})\/([a-z0-9-]+\.toml)$/, 1 << 20],
  [/^log\/([0-9]{5})-([0-9]{10})\/card\.txt$/, 65536],
  [/^log\/([0-9]{5})-([0-9]{10})\/head-([0-9]{19})\.txt$/, 65536],
  [/^log\/([0-9]{5})-([0-9]{10})\/entries\.cbor$/, Infinity],
]
const [, , , versionName, manifestName, , cardName, headName, entriesName] = names.map((n) => n[0])

// matching gives the files whose names match, with what the pattern caught.
function matching(files, re) {
  const out = []
  for (const f of files.values()) {
    const m = re.exec(f.name)
    if (m) out.push([f, m])
  }
  return out
}

function bounds(files) {
  let sum = 0
  for (const f of files.values()) {
    const n = names.find(([re]) => re.test(f.name))
    if (!n) throw new Fault(1, f.name, 'no file of an extract has this name')
    if (f.size > n[1]) throw new Fault(1, f.name, 'it is too large')
    if (!entriesName.test(f.name)) sum += f.size
  }
  if (sum > 64 << 20) throw new Fault(1, '', 'the files are together too large')
  for (const [re, max] of [[versionName, 256], [cardName, 1024]]) {
    if (matching(files, re).length > max) throw new Fault(1, '', `more than ${max} files of one kind`)
  }
}

const unprintable = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066\u2067\ufffd]/

// purpose reads extract.txt.
function purpose(bytes) {
  const rows = lines(utf8(bytes)).map((l) => l.split(' '))
  const shape = rows.map((r) => `${r[0]}/${r.length}`).join(' ')
  const kind = rows[1]?.[1]
  const want = 'openline/3 kind/2 line/2 exporter/2' + (kind === 'no-reply' ? ' request/4 answering/2' : kind === 'thing' ? ' thing/4' : '')
  need(shape === want && rows[0].join(' ') === 'openline extract 1' && ['no-reply', 'records', 'thing'].includes(kind), 'it is not spelt as it must be')
  need(/^[a-z][a-z0-9]{0,30}-[0-9a-f]{8}$/.test(rows[2][1]), 'the line is not spelt as it must be')
  const p = { kind, line: rows[2][1], exporter: decimal(rows[3][1], 1n, 65535n) }
  if (kind !== 'records') {
    p.request = { party: decimal(rows[4][1], 1n, 65535n), generation: decimal(rows[4][2], 0n, 0xffffffffn), index: decimal(rows[4][3], 0n, cards.maxSize) }
  }
  if (kind === 'no-reply') p.answering = decimal(rows[5][1], 1n, 65535n)
  return p
}

function file(x, name, step) {
  const f = x.files.get(name)
  if (!f) throw new Fault(step, name, 'it is missing')
  x.read.add(name)
  return f.read()
}

function versions(x) {
  let before = null
  for (const [f, m] of matching(x.files, versionName)) {
    at(2, f.name, () => {
      const a = agreement.open(file(x, f.name, 2))
      need(a.version === BigInt(m[1]), 'it is another version than its name says')
      need(a.id === x.line, 'it is of another line')
      if (before) agreement.amends(a, before)
      before = a
      x.versions.set(a.version, a)
      x.newest = f.name
    })
  }
  if (!before) throw new Fault(2, '', 'no version of the agreement is here')
  x.parties = new Map(before.party.map((p) => [p.number, p]))
  x.standing = before.standing
}

function catalogues(x) {
  const read = new Map()
  for (const a of x.versions.values()) {
    const digest = a.catalogue.slice('sha256:'.length)
    if (!read.has(digest)) read.set(digest, phrases(x, digest))
    x.phrases.set(a.version, read.get(digest))
  }
}

function phrases(x, digest) {
  const dir = `catalogue/${digest}/`
  const list = dir + 'manifest.txt'
  const bytes = file(x, list, 2)
  if (x.sum(list) !== digest) throw new Fault(2, list, 'it is not the manifest that the agreement names')
  const sources = []
  for (const [sum, name] of at(2, list, () => catalogue.manifest(bytes))) {
    const here = x.files.has(dir + name)
    if (!here && !name.startsWith('phrases')) continue
    const f = file(x, dir + name, 2)
    if (x.sum(dir + name) !== sum) throw new Fault(2, dir + name, 'it is not the file that the manifest names')
    if (name.startsWith('phrases')) sources.push(f)
  }
  return at(2, list, () => catalogue.phrases(sources))
}

function logs(x) {
  for (const [f, m] of matching(x.files, cardName)) {
    at(2, f.name, () => {
      const party = x.parties.get(BigInt(m[1]))
      need(party, 'no party of the agreement has this number')
      const card = cards.open(file(x, f.name, 2), party, x.line)
      need(card.generation === BigInt(m[2]), 'it is of another generation than its name says')
      x.logs.push({ dir: f.name.slice(0, -'card.txt'.length), party, number: party.number, generation: card.generation, card, heads: [], shown: 0n })
    })
  }
}

// vouch compares the fingerprints that the reader gave, by the names of the parties.
function vouch(x, given) {
  for (const p of x.parties.values()) {
    if (!given.has(p.name)) continue
    if (given.get(p.name) !== p.fingerprint) throw new Fault(2, x.newest, `the fingerprint of ${p.name} is ${p.fingerprint}`)
    p.vouched = true
  }
}

function readHeads(x) {
  const cosigners = new Map(x.logs.map((l) => [l.card.origin + '/cosigner', l.card]))
  let sum = 0
  for (const log of x.logs) {
    for (const [f, m] of matching(x.files, headName)) {
      if (!f.name.startsWith(log.dir)) continue
      at(3, f.name, () => {
        const h = heads.open(file(x, f.name, 3), log.card, BigInt(m[3]), cosigners)
        sum += h.cosignatures.length
        need(sum <= 20000, 'more than 20,000 cosignatures')
        log.heads.push({ ...h, file: f.name })
      })
    }
    if (log.heads.length > 64) throw new Fault(3, log.dir, 'more than 64 heads of one log')
    ending(x, log)
  }
}

const laterCards = (x, log) => x.logs.filter((l) => l.number === log.number && l.generation > log.generation && l.card.previous.generation === log.generation)

// ending finds the head at which the records end, and one above that is pending.
function ending(x, log) {
  const top = log.heads.at(-1), entries = x.files.has(log.dir + 'entries.cbor')
  if (!top && entries) throw new Fault(3, log.dir + 'entries.cbor', 'no head of this log is here')
  if (!top) return
  const byExporter = (h) => h.cosignatures.some((c) => c.card.party === x.parties.get(x.exporter)?.name)
  if (log.number !== x.exporter && top.own && top.cosignatures.length === 0 && log.heads.some(byExporter)) log.pending = log.heads.pop()
  if (!entries) return
  const end = log.heads.at(-1)
  const named = laterCards(x, log).some((l) => l.card.previous.size === end.size && l.card.previous.root.equals(end.root))
  if (!end.own && !named && end.size !== 0n) throw new Fault(3, end.file, 'the head at which the records end bears no signature of its log')
  log.shown = end.size
  log.end = end
}

function allRead(x) {
  for (const log of x.logs) if (log.end) x.read.add(log.dir + 'entries.cbor')
  x.read.add('digests.txt')
  for (const f of x.files.values()) if (!x.read.has(f.name)) throw new Fault(1, f.name, 'no step reads it')
}

function sides(x) {
  if (x.kind !== 'no-reply') return
  if (x.request.party !== x.exporter) throw new Fault(3, 'extract.txt', 'the request is not in a log of the exporter')
  if (x.answering === x.exporter) throw new Fault(3, 'extract.txt', 'the answering side is no other party than the exporter')
}

// open does steps 1 to 3 and gives what is needed to walk over the entries.
export function open(disk, given) {
  const files = container.open(disk)
  container.check(files)
  bounds(files)
  const listed = new Map(files.get('digests.txt').read().toString('latin1').split('\n').map((l) => [l.slice(66), l.slice(0, 64)]))
  const x = { files, read: new Set(), versions: new Map(), phrases: new Map(), logs: [], notes: [], sum: (name) => listed.get(name) }
  Object.assign(x, at(1, 'extract.txt', () => purpose(file(x, 'extract.txt', 1))))
  at(1, 'summary.txt', () => need(!unprintable.test(utf8(file(x, 'summary.txt', 1))), 'it holds what a screen may not show'))
  versions(x)
  if (!x.parties.has(x.exporter)) throw new Fault(2, 'extract.txt', 'the exporter is no party')
  catalogues(x)
  logs(x)
  vouch(x, given)
  readHeads(x)
  sides(x)
  allRead(x)
  return x
}

// needs gives the roots that the walk over a log has to meet, by size in ascending order: [size, root, the file that names it].
export function needs(x, log, more = []) {
  const out = [...log.heads.map((h) => [h.size, h.root, h.file]), ...laterCards(x, log).map((l) => [l.card.previous.size, l.card.previous.root, l.dir + 'card.txt']), ...more]
  return out.filter(([size]) => size <= log.shown).sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))
}
