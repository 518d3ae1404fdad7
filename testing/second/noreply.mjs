// SPDX-License-Identifier: Apache-2.0

// Steps 4 to 15 of the no-reply extract: spec/extract.md sections 5 and 6.
import * as record from './record.mjs'
import { needs } from './extract.mjs'
import { order, walk } from './walk.mjs'
import { Fault } from './fault.mjs'
import { postQuantum } from './keys.mjs'

// stamp prints a time in UTC.
export const stamp = (t) => (t <= 253402300799n ? new Date(Number(t) * 1000).toISOString().slice(0, 19).replace('T', ' ') + 'Z' : `second ${t}`)

// judge walks over everything and gives {reasons, sentence, notes}; reasons are [step, why].
export function judge(x) {
  const c = { x, reasons: [], notes: [], no: (step, why) => c.reasons.push([step, why]) }
  c.A = x.logs.filter((l) => l.number === x.exporter)
  c.R = x.logs.filter((l) => l.number === x.answering)
  c.home = c.A.find((l) => l.generation === x.request.generation)
  if (!c.home?.end) throw new Fault(3, 'extract.txt', 'the log of the request is not shown')
  findRequest(c)
  walkAll(c)
  asked(c)
  own(c)
  c.total = total(c)
  const classical = times(c, false)
  c.reasons.sort((a, b) => a[0] - b[0])
  if (c.reasons.length) return c
  sentence(c, classical)
  return c
}

// findRequest reads the request first: its leaf says where the range of R begins (step 4).
function findRequest(c) {
  const { x } = c
  walk(x, c.home, needs(x, c.home), x.request.index, (rec) => {
    if (rec.index === x.request.index) c.request = rec
  })
  if (!c.request) throw new Fault(4, 'extract.txt', 'the request is not among the records shown')
  c.k = { generation: 1n, size: 0n }
  for (const s of c.request.leaf?.seen ?? []) if (s.party === x.answering && s.size > 0n) c.k = s
  c.rangeA = c.A.filter((l) => l.generation >= x.request.generation)
  c.rangeR = c.R.filter((l) => l.generation >= c.k.generation)
  if (!c.rangeR.some((l) => l.end)) throw new Fault(4, 'extract.txt', 'the logs of both sides have to be shown')
}

function walkAll(c) {
  const { x, k } = c
  const step5 = order(x)
  Object.assign(c, { seenOfA: new Map(), seenOfR: new Map(), acts: [], byHash: [], takenBack: [], adopted: [], closed: { A: 0, R: 0 } })
  const rest = x.logs.filter((l) => !c.rangeA.includes(l) && !c.rangeR.includes(l))
  for (const log of [...rest, ...c.rangeA]) {
    if (!log.end) continue
    const from = !c.rangeA.includes(log) ? null : log === c.home ? x.request.index : 0n
    walk(x, log, needs(x, log), from, (rec) => {
      if (rec.inRange) {
        step5(rec)
        ofA(c, rec)
      }
    })
  }
  c.wanted = new Map(c.byHash.map((h) => [h.hash.toString('hex'), h]))
  for (const log of c.rangeR) {
    if (!log.end) continue
    const first = log.generation === k.generation
    const more = first && k.root ? [[k.size, k.root, null, (same) => (c.begins = same)]] : []
    walk(x, log, needs(x, log, more), first ? k.size : 0n, (rec) => {
      if (rec.inRange) {
        if (log === newest(shown(c.rangeR)) && rec.index === log.shown - 1n) c.lastOfR = rec.leaf
        step5(rec)
        ofR(c, rec)
      }
    })
  }
  if (k.root && !c.begins) c.no(4, 'what the request had seen is not how the log of the answering side begins')
  if (c.wanted.size > 4096) c.no(10, 'more than 4096 records are named by their hashes')
  for (const h of c.wanted.values()) c.no(10, `${h.by} names by its hash a record that is not in the range`)
}

const raise = (map, of, leaf) => {
  for (const s of leaf?.seen ?? []) {
    if (s.party === of && s.size > (map.get(s.generation) ?? -1n)) map.set(s.generation, s.size)
  }
}

// about says whether a leaf is about the request, by number or by leaf hash.
function about(c, rec) {
  const ref = rec.leaf?.about
  if (!ref || ref.party !== c.x.exporter || rec === c.request) return false
  return ref.hash ? ref.hash.equals(c.request.hash) : ref.number === c.request.number
}

const called = (rec) => `${rec.log.party.short}/${rec.number}`

// params gives the parameters of a record that is shown whole, or nothing.
function params(rec, code) {
  if (rec.depth < 3 || rec.header?.code !== code) return null
  return record.body(rec.bodyBytes)?.params ?? null
}

function act(c, rec) {
  if (!about(c, rec)) return
  if (!rec.header) return c.no(11, `${called(rec)} is about the request and not opened to a header`)
  c.acts.push({ called: called(rec), party: rec.log.number, code: rec.header.code, version: rec.leaf.agreement })
}

function ofA(c, rec) {
  raise(c.seenOfR, c.x.answering, rec.leaf)
  if (rec.log === c.home && rec.index === c.x.request.index) return
  if (rec.depth === 1) c.closed.A++
  if (!rec.leaf && record.newerFormat(rec.leafBytes)) c.no(13, `${called(rec)} is of a newer format`)
  act(c, rec)
  if (about(c, rec)) {
    for (const r of rec.header?.re ?? []) if (r.hash && r.party === c.x.answering) c.byHash.push({ hash: r.hash, by: called(rec) })
  }
  const back = params(rec, 'KY02')
  if (back) c.takenBack.push({ generation: back.get('generation'), number: back.get('number'), rec })
}

function ofR(c, rec) {
  raise(c.seenOfA, c.x.exporter, rec.leaf)
  c.wanted.delete(rec.hash.toString('hex'))
  if (rec.depth === 1) c.closed.R++
  if (!rec.leaf && record.newerFormat(rec.leafBytes)) c.no(12, `${called(rec)} is of a newer format`)
  act(c, rec)
  const adopted = params(rec, 'KY01')
  if (adopted) c.adopted.push(adopted)
}

// asked does steps 6, 7, 12 and 13.
function asked(c) {
  const { leaf, header } = c.request
  if (!leaf) return c.no(6, 'the leaf of the request does not parse')
  if (leaf.about) c.no(6, 'the request has an about: show the opening record')
  if (!header) return c.no(7, 'the request is not opened to its header')
  const own = c.x.phrases.get(leaf.agreement)
  const phrase = own?.get(header.code)
  if (!phrase?.permits.some((p) => own.get(p).flags.has('replies'))) c.no(7, `${header.code} does not ask for a reply`)
  if (header.to && !header.to.some((a) => a.party === c.x.answering)) c.no(7, 'the request is not addressed to the answering side')
  for (const a of c.acts) {
    const ofR = a.party === c.x.answering
    const flags = ofR ? ['replies'] : ['withdraws', 'corrects', 'confirms']
    const its = c.x.phrases.get(a.version)?.get(a.code)
    const has = (p) => flags.some((f) => p?.flags.has(f))
    if (!its || has(its) || has(own?.get(a.code))) c.no(ofR ? 12 : 13, `${a.called}, ${a.code}`)
    else c.notes.push(`${a.called}, ${a.code}: names it, is not a reply`)
  }
}

const newest = (logs) => logs.at(-1)
const shown = (logs) => logs.filter((l) => l.end)

// own does what steps 9 and 10 ask of A's own words, times apart.
function own(c) {
  const { x } = c
  for (const log of [...c.rangeA, ...c.rangeR]) if (!log.end) c.no(9, `generation ${log.generation} of ${log.party.short} is not shown`)
  for (const [logs, first] of [[c.rangeA, x.request.generation], [c.rangeR, c.k.generation]]) {
    for (const [i, log] of logs.entries()) {
      if (log.generation !== first + BigInt(i)) c.no(9, `a generation of ${log.party.short} before ${log.generation} is not here`)
      const p = log.card.previous
      if (p && p.generation >= first && !(logs.find((l) => l.generation === p.generation)?.shown >= p.size)) c.no(9, `the card of generation ${log.generation} of ${log.party.short} names more than is shown`)
    }
  }
  const shownOf = (logs, g) => logs.find((l) => l.generation === g && l.end)?.shown ?? -1n
  for (const [g, size] of c.seenOfA) if (g >= x.request.generation && size > shownOf(c.rangeA, g)) c.no(9, `a leaf of the answering side names ${size} records of the asker's generation ${g}`)
  for (const [g, size] of c.seenOfR) if (g >= c.k.generation && size > shownOf(c.rangeR, g)) c.no(10, `a leaf of the asker names ${size} records of the answering side's generation ${g}`)
  for (const t of c.takenBack) {
    if (typeof t.generation !== 'bigint' || typeof t.number !== 'bigint' || t.number === 0n || t.generation < x.request.generation) continue
    const log = c.rangeA.find((l) => l.generation === t.generation)
    if (!log || t.number >= log.card.base + log.shown) c.no(9, `${called(t.rec)} takes back more than is shown`)
  }
  for (const log of c.rangeA) {
    const p = log.card.previous
    if (log === c.home) continue
    if (p.generation < x.request.generation || (p.generation === x.request.generation && p.size <= x.request.index)) c.no(9, `the card of generation ${log.generation} leaves the request out`)
  }
  const last = newest(shown(c.rangeA))
  const names = (p) => p.get('party') === x.exporter && p.get('generation') === last.generation && Buffer.isBuffer(p.get('card')) && p.get('card').equals(last.card.digest)
  if (last !== c.home && !c.adopted.some(names)) c.no(9, "no KY01 of the answering side names the asker's newest card")
}

const latest = (list) => list.reduce((a, t) => (a === null || t > a ? t : a), null)
const by = (head, card, ml) => head.cosignatures.filter((s) => s.card === card && s.ml === ml).map((s) => s.time)

// times does steps 8 and 9 with cosignatures of one algorithm; null where they do not hold.
function times(c, ml) {
  const no = ml ? () => {} : c.no
  const R = newest(shown(c.rangeR)), A = newest(shown(c.rangeA))
  const t1 = c.home.heads.filter((h) => h.size > c.x.request.index).flatMap((h) => c.R.flatMap((l) => by(h, l.card, ml))).reduce((a, t) => (a === null || t < a ? t : a), null)
  const t2 = latest(by(R.end, R.card, ml)) ?? (ml ? null : (c.lastOfR?.time ?? null))
  if (t1 === null) return no(8, 'no receipt of the answering side covers the request'), null
  if (t2 === null || t1 > t2) return no(8, 'the answering side signed no time at or after its receipt over the end of its log'), null
  const tA = latest(by(A.end, A.card, ml))
  if (tA === null) return no(9, 'no timed head of the asker over what is shown'), null
  const earlier = c.rangeR.filter((l) => l !== R).map((l) => (l.end ? latest(by(l.end, A.card, ml)) : null))
  const t3 = latest(by(R.end, A.card, ml).filter((t) => t <= tA && earlier.every((e) => e !== null && e >= t)))
  if (t3 === null) return no(9, `no receipt of ${A.party.short} over the end of the answering side's log`), null
  return { t1, t2, t3 }
}

// total is n: the size of R's newest generation and what the cards say was held of those before.
function total(c) {
  let log = newest(shown(c.rangeR)), n = log.shown
  while (log?.card.previous) {
    const p = log.card.previous
    n += p.size
    log = c.R.find((l) => l.generation === p.generation)
    if (!log) c.no(9, `the card of generation ${p.generation} of the answering side is not here`)
  }
  return n
}

const capital = (s) => s[0].toUpperCase() + s.slice(1)

function sentence(c, t) {
  const red = newest(shown(c.rangeR)).party.short, blue = c.home.party.short
  c.sentence = `By ${red}'s signed word it held this request at ${stamp(t.t1)}, and at ${stamp(t.t2)} its log on this line held ${c.total} records, of which none names this request as what it replies to. ` +
    `By ${blue}'s signed word, at ${stamp(t.t3)} ${blue} held whole no later record of that log and had not withdrawn the request. ${c.closed.R} and ${c.closed.A} records were not opened.`
  c.after = []
  const pending = newest(shown(c.rangeR)).pending
  if (pending) c.sentence += ` ${capital(blue)} knew a later head of size ${pending.size}; its records had not come.`
  if (!postQuantum) c.after.push('post-quantum signatures not checked')
  else {
    const q = times(c, true)
    c.after.push(q ? `The same holds by post-quantum signatures at their own times: ${stamp(q.t1)}, ${stamp(q.t2)} and ${stamp(q.t3)}.` : 'Classical only.')
  }
  const clocks = c.request.header.clocks
  if (clocks) c.after.push(`${blue} relied on ${record.spoken(clocks, c.x.parties.get(clocks.party)?.short ?? `party ${clocks.party}`)}.`)
}

