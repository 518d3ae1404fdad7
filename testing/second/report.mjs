// SPDX-License-Identifier: Apache-2.0

// What the verifier says of an extract, and with which exit status.
import { open, needs } from './extract.mjs'
import { order, walk } from './walk.mjs'
import { judge } from './noreply.mjs'
import { postQuantum } from './keys.mjs'
import { Fault } from './fault.mjs'

function records(x) {
  for (const log of x.logs) if (log.end) walk(x, log, needs(x, log), null, order(x))
}

// thing goes through everything shown; the opening record has to be there, whole, and open its thing.
function thing(x) {
  const log = x.logs.find((l) => l.number === x.request.party && l.generation === x.request.generation)
  if (!log?.end || x.request.index >= log.shown) throw new Fault(3, 'extract.txt', 'the thing is in no log that is shown')
  let opens = false
  for (const l of x.logs) {
    if (!l.end) continue
    const note = order(x)
    walk(x, l, needs(x, l), null, (rec) => {
      note(rec)
      if (l === log && rec.index === x.request.index) opens = rec.depth === 3 && rec.header !== null && !rec.leaf.about
    })
  }
  return { notes: [], reasons: opens ? [] : [[6, 'the record named is not shown whole, or opens nothing']], sentence: '', after: [] }
}

function report(x, say) {
  say(`Extract of ${x.line}, kind ${x.kind}.`)
  if (x.standing === 'exercise') say('An exercise: valid demonstration; the parties named never used this line.')
  for (const p of x.parties.values()) say(`${p.name}, ${p.short}: ${p.fingerprint}${p.vouched ? '' : ' (keys unvouched)'}`)
  for (const l of x.logs) {
    if (l.end) say(`${l.party.short}, generation ${l.generation}, ${l.shown} records: ${l.counts[3]} whole, ${l.counts[2]} to the header, ${l.counts[1]} leaves only, ${l.counts[0]} withheld`)
  }
  for (const n of x.notes) say(n)
  if (!postQuantum) say('post-quantum signatures not checked: this Node has no ML-DSA-44')
}

// verify reads an extract and says what holds: {status, step, sentence}. What does not hold is a Fault.
export function verify(disk, given, say) {
  const x = open(disk, given)
  const judged = { 'no-reply': judge, thing, records }[x.kind](x)
  report(x, say)
  const status = [...x.parties.values()].every((p) => p.vouched) ? 0 : 3
  if (!judged) return { status, step: 0, sentence: '' }
  for (const n of judged.notes) say(n)
  if (judged.reasons.length) {
    const [step, why] = judged.reasons[0]
    say(`No sentence: step ${step}: ${why}`)
    return { status: 1, step, sentence: '' }
  }
  for (const line of [judged.sentence, ...judged.after]) say(line)
  return { status, step: 0, sentence: judged.sentence }
}
