// SPDX-License-Identifier: Apache-2.0

// Station cards: spec/identity.md section 5.
import { base64, decimal, lines, need, utf8 } from './fault.mjs'
import { edKey, keyID, mlKey, note, partySigned, sealKey, sha256 } from './keys.mjs'
import { emptyRoot } from './log.mjs'

const maxTime = 253402300799n
export const maxSize = 1n << 62n

function previous(s) {
  const parts = s.split(' ')
  need(parts.length === 3 && /^[0-9a-f]{64}$/.test(parts[2]), 'previous is not spelt as it must be (I8)')
  const p = { generation: decimal(parts[0], 1n, 0xffffffffn), size: decimal(parts[1], 0n, maxSize), root: Buffer.from(parts[2], 'hex') }
  need(p.size > 0n || p.root.equals(emptyRoot), 'the root of size 0 is another (I11)')
  return p
}

// fieldsOf reads the lines of a card in their order (I8).
function fieldsOf(text) {
  const rows = lines(text)
  need(rows.shift() === 'openline station card 1', 'it is no station card (I8)')
  const take = (name) => {
    const row = rows.shift() ?? ''
    need(row.startsWith(name + ' '), `${name} is missing (I8)`)
    return row.slice(name.length + 1)
  }
  const c = {
    party: take('party'), line: take('line'), generation: decimal(take('generation'), 1n, 0xffffffffn),
    base: decimal(take('base'), 1n, maxSize), issued: decimal(take('issued'), 0n, maxTime),
  }
  if (c.generation > 1n) c.previous = previous(take('previous'))
  c.log = edKey(base64(take('log-ed25519')))
  c.cosigner = edKey(base64(take('cosigner-ed25519')))
  c.cosignerML = mlKey(base64(take('cosigner-mldsa44')))
  c.session = edKey(base64(take('session-ed25519')))
  c.sessionML = mlKey(base64(take('session-mldsa44')))
  c.seal = sealKey(base64(take('seal-mlkem768x25519')))
  need(rows.length === 0, 'lines follow the card (I8)')
  return c
}

// open reads a signed card of a party on a line, and verifies it (I6 to I13).
export function open(bytes, party, line) {
  need(bytes.length <= 32768, 'a card is not larger than 32,768 bytes (I9)')
  const n = note(utf8(bytes))
  const c = fieldsOf(n.text)
  need(c.party === party.name && c.line === line, 'it is the card of another party or line (I13)')
  const { ed, ml } = partySigned(n, party.name, party.key)
  need(ed > 0 && ml > 0, 'a signature of the party is missing (I6)')
  if (c.generation === 1n) need(c.base === 1n, 'generation 1 has base 1 (I11)')
  else need(c.previous.generation < c.generation && c.previous.size < c.base, 'previous does not fit the card (I11)')
  const keys = [c.log, c.cosigner, c.session, party.key.ed, c.cosignerML, c.sessionML, party.key.ml]
  need(new Set(keys.map((k) => k.toString('hex'))).size === keys.length, 'one key has two roles (I12)')
  c.digest = sha256(n.text)
  c.origin = `${c.party}/openline/${c.line}/${c.generation}`
  c.logID = keyID(c.origin, Buffer.of(1), c.log)
  const name = c.origin + '/cosigner'
  c.cosignerID = keyID(name, Buffer.of(4), c.cosigner)
  c.cosignerMLID = keyID(name, Buffer.of(6), c.cosignerML)
  return c
}
