#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0

// A second verifier of openline extracts, written after spec/ alone.
//
//     node verify.mjs FILE.zip [--fingerprint PARTY=WORDS]...
//
// Exit status: 0 it holds (and, of a no-reply extract, its sentence stands),
// 1 it does not, 2 the command cannot be read, 3 it holds by keys for which the
// reader gave no fingerprint.
import { Disk } from './container.mjs'
import { Fault, Refused } from './fault.mjs'
import { words } from './keys.mjs'
import { verify } from './report.mjs'

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

try {
  const { file, given } = readArguments(process.argv.slice(2))
  process.exitCode = verify(new Disk(file), given, console.log).status
} catch (e) {
  if (e instanceof Fault) console.error(`step ${e.step}: ${e.file || 'the container'}: ${e.message}`)
  else if (e instanceof Refused || e.code) console.error(e.message)
  else throw e
  process.exitCode = e instanceof Refused ? 2 : 1
}
