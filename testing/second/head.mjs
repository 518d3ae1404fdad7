// SPDX-License-Identifier: Apache-2.0

// Signed heads: spec/log.md sections 2 and 3, spec/extract.md section 3.
import { base64, decimal, lines, need, utf8 } from './fault.mjs'
import { ed25519, mldsa44, note } from './keys.mjs'
import { maxSize } from './card.mjs'

const big64 = (n) => {
  const b = Buffer.alloc(8)
  b.writeBigUInt64BE(n)
  return b
}
const short = (s) => Buffer.concat([Buffer.of(Buffer.byteLength(s)), Buffer.from(s)])

// message is what a cosigner signs over a checkpoint, by either algorithm.
function message(name, ml, time, text, point) {
  if (!ml) return Buffer.from(`cosignature/v1\ntime ${time}\n${text}`)
  return Buffer.concat([Buffer.from('subtree/v1\n\0'), short(name), big64(time), short(point.origin), big64(0n), big64(point.size), point.root])
}

function cosignature(s, card, text, point) {
  need(card, `a line of ${s.name}, whose card is not here`)
  const ml = s.id.equals(card.cosignerMLID)
  need(ml || s.id.equals(card.cosignerID), `a line of ${s.name} by another key`)
  need(s.sig.length > 8, 'a cosignature that is too short')
  const time = s.sig.readBigUInt64BE(0), sig = s.sig.subarray(8)
  need(time >= 1n && time < 1n << 63n, 'a cosignature with a time that it cannot have')
  const m = message(s.name, ml, time, text, point)
  need(ml ? mldsa44(card.cosignerML, m, sig) : ed25519(card.cosigner, m, sig), `a line of ${s.name} that does not verify`)
  return { card, ml, time }
}

// open reads a head of the log of a card at a size: {size, root, own, cosignatures}. cosigners gives a card by the name of its cosigner.
export function open(bytes, card, size, cosigners) {
  const n = note(utf8(bytes))
  const rows = lines(n.text)
  need(rows.length === 3, 'a checkpoint has three lines')
  const point = { origin: rows[0], size: decimal(rows[1], 0n, maxSize), root: base64(rows[2]) }
  need(point.root.length === 32, 'a root has 32 bytes')
  need(point.origin === card.origin, 'it is the checkpoint of another log')
  need(point.size === size, 'its size is another than its name says')
  const own = n.sigs[0].name === card.origin
  const head = { size, root: point.root, own, cosignatures: [] }
  let last = ''
  for (const [i, s] of n.sigs.entries()) {
    if (i === 0 && own) {
      need(s.id.equals(card.logID) && ed25519(card.log, Buffer.from(n.text), s.sig), 'the signature of the log does not verify')
      continue
    }
    need(Buffer.compare(Buffer.from(last), Buffer.from(s.line)) < 0, 'the cosignatures are not in ascending order')
    last = s.line
    head.cosignatures.push(cosignature(s, cosigners.get(s.name), n.text, point))
  }
  return head
}
