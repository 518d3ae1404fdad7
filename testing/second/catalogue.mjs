// SPDX-License-Identifier: Apache-2.0

// The phrases of a catalogue: spec/catalogue.md sections 2 and 3. Renderings
// are not read: no step of the verification needs them.
import { need, utf8 } from './fault.mjs'
import { bool, fields, like, list, text, toml } from './toml.mjs'

const fileName = /^(phrases(-[a-z0-9]{1,20})?|[a-z0-9]{2,8}(-[a-z0-9]{1,20})?)\.toml$/
const code = /^[A-Z][A-Z0-9]{3,7}$/
const set = /^[A-Z]{1,3}$/

// manifest reads the lines of a manifest into [digest, name].
export function manifest(bytes) {
  const rows = utf8(bytes).split('\n')
  need(rows.pop() === '' && rows.length >= 1 && rows.length <= 64, 'a manifest has 1 to 64 lines, each with its line feed')
  return rows.map((row, i) => {
    const m = /^([0-9a-f]{64})  (\S+)$/.exec(row)
    need(m && fileName.test(m[2]), 'a line that is no line of a manifest (C1)')
    need(i === 0 || rows[i - 1].slice(66) < m[2], 'the manifest is not in the order of names')
    return [m[1], m[2]]
  })
}

const phrase = {
  code: like(code), gloss: text, marker: like(/^(information|question|answer|request|intention|warning|advice)$/),
  class: like(/^(test|receipt|talks|notice|incident|accident|distress|resumption|key|text)$/),
  'params?': list(0, 32, text), 'one_of?': list(0, 32, text), 'permits?': list(0, 256, text), 'clock?': text,
  who: like(/^(machine|watch|officer|principal|two persons)$/), 'opens?': bool, 'about?': bool,
  're?': like(/^(none|one\??|many\??)$/), 'flags?': list(0, 7, like(/^(replies|withdraws|corrects|confirms|holds|always|text)$/), true),
  'precedence?': like(/^(flash|immediate|priority|routine)$/),
}

// phrases reads the files of phrases into code → {flags, permits}, the sets written out.
export function phrases(files) {
  const sets = new Map(), out = new Map()
  for (const bytes of files) {
    const doc = fields(toml(utf8(bytes)), { 'sets?': (v) => v, 'phrase?': list(0, 4096, (v) => fields(v, phrase, 'phrase')) }, 'catalogue')
    for (const [name, codes] of Object.entries(doc.sets ?? {})) {
      need(set.test(name) && !sets.has(name), `the set ${name} stands twice, or is no set (C2)`)
      sets.set(name, list(0, 256, like(code))(codes, name))
    }
    for (const p of doc.phrase ?? []) {
      need(!out.has(p.code), `${p.code} stands twice (C2)`)
      need(p.opens || p.about, `${p.code} neither opens a thing nor is about one (C4)`)
      out.set(p.code, { flags: new Set(p.flags), permits: p.permits ?? [] })
    }
  }
  for (const [name, p] of out) {
    p.permits = p.permits.flatMap((x) => sets.get(x) ?? [x])
    for (const x of p.permits) need(out.has(x), `${name} permits ${x}, which is not in the catalogue (C4)`)
  }
  return out
}
