#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0

// A second verifier of openline extracts, written after spec/ alone.
//
//     node verify.mjs FILE.zip [--fingerprint PARTY=WORDS]...
//
// Exit status: 0 it holds (and, of a no-reply extract, its sentence stands),
// 1 it does not, 3 it holds by keys for which the reader gave no fingerprint.
import { Disk } from './container.mjs'
import { Fault, Refused } from './fault.mjs'
import { open, needs } from './extract.mjs'
import { order, walk } from './walk.mjs'
import { judge } from './noreply.mjs'
import { postQuantum, words } from './keys.mjs'

function readArguments(args) {
  const given = new Map()
  let file
  while (args.length) {
    let a = args.shift()
    if (a === '--fingerprint') a += '=' + (args.shift() ?? '')
    if (a.startsWith('--fingerprint=')) {
      const m = /^--fingerprint=([^=]+)=(.+)$/.exec(a)
      if (!m) throw new Refused('--fingerprint wants PARTY=WORDS')
      given.set(m[1], words(m[2]))
    } else if (file === undefined && !a.startsWith('-')) file = a
    else throw new Refused(`what does ${a} mean?`)
  }
  if (file === undefined) throw new Refused('which file? node verify.mjs FILE.zip [--fingerprint PARTY=WORDS]...')
  return { file, given }
}

function records(x) {
  for (const log of x.logs) if (log.end) walk(x, log, needs(x, log), null, order(x))
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

function main(args, say) {
  const { file, given } = readArguments(args)
  const x = open(new Disk(file), given)
  const judged = x.kind === 'no-reply' ? judge(x) : records(x)
  report(x, say)
  if (judged) {
    for (const n of judged.notes) say(n)
    if (judged.reasons.length) {
      const [step, why] = judged.reasons[0]
      say(`No sentence: step ${step}: ${why}`)
      return 1
    }
    say(judged.sentence)
    for (const line of judged.after) say(line)
  }
  return [...x.parties.values()].every((p) => p.vouched) ? 0 : 3
}

try {
  process.exitCode = main(process.argv.slice(2), console.log)
} catch (e) {
  if (e instanceof Fault) console.error(`step ${e.step}: ${e.file || 'the container'}: ${e.message}`)
  else if (e instanceof Refused || e.code) console.error(e.message)
  else throw e
  process.exitCode = 1
}
