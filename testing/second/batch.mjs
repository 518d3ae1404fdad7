// SPDX-License-Identifier: Apache-2.0

// Many extracts in one process, for the test that compares verdicts: each line
// of the input is {file, at, byte, given}, where the byte stands at an offset
// instead (at below 0: nothing is changed), and each line of the output what
// the verifier makes of it.
import fs from 'node:fs'
import readline from 'node:readline'
import { Memory } from './container.mjs'
import { Fault } from './fault.mjs'
import { verify } from './report.mjs'

const files = new Map()

function judge({ file, at, byte, given }) {
  if (!files.has(file)) files.set(file, fs.readFileSync(file))
  const bytes = Buffer.from(files.get(file))
  if (at >= 0) bytes[at] = byte
  try {
    return verify(new Memory(bytes), new Map(Object.entries(given ?? {})), () => {})
  } catch (e) {
    if (!(e instanceof Fault)) throw e
    return { status: 1, step: e.step, fault: e.file, sentence: '', why: e.message }
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) console.log(JSON.stringify(judge(JSON.parse(line))))
