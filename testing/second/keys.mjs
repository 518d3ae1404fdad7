// SPDX-License-Identifier: Apache-2.0

// Keys, signatures and fingerprints: spec/identity.md sections 1 to 4, and the
// lines of notes that spec/log.md sections 2 and 3 build on.
import fs from 'node:fs'
import crypto from 'node:crypto'
import { base64, need } from './fault.mjs'

export const sha256 = (...parts) => {
  const h = crypto.createHash('sha256')
  for (const p of parts) h.update(p)
  return h.digest()
}

const spki = { ed: Buffer.from('302a300506032b6570032100', 'hex'), ml: Buffer.from('30820532300b06096086480165030403110382052100', 'hex') }
const keyOf = (der, raw) => crypto.createPublicKey({ key: Buffer.concat([der, raw]), format: 'der', type: 'spki' })

// postQuantum says whether this Node can check ML-DSA-44.
export const postQuantum = (() => {
  try {
    return keyOf(spki.ml, Buffer.alloc(1312, 1)).asymmetricKeyType === 'ml-dsa-44'
  } catch {
    return false
  }
})()

export function ed25519(key, message, signature) {
  if (signature.length !== 64) return false
  try {
    return crypto.verify(null, message, keyOf(spki.ed, key), signature)
  } catch {
    return false
  }
}

// mldsa44 answers true where this Node cannot check; who asks says so (postQuantum).
export function mldsa44(key, message, signature) {
  if (signature.length !== 2420) return false
  if (!postQuantum) return true
  try {
    return crypto.verify(null, message, keyOf(spki.ml, key), signature)
  } catch {
    return false
  }
}

// The y of the points of small order, low byte first, without the sign of x.
const smallOrder = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
])

// edKey and mlKey read keys and hold them to rule I4.
export function edKey(raw) {
  need(raw.length === 32, 'an Ed25519 key has 32 bytes (I3)')
  const y = Buffer.from(raw)
  y[31] &= 127
  need(!smallOrder.has(y.toString('hex')), 'an Ed25519 key of small order (I4)')
  const p = (1n << 255n) - 19n
  need(BigInt('0x' + Buffer.from(y).reverse().toString('hex')) < p, 'an Ed25519 key whose y is not below 2^255 - 19 (I4)')
  return raw
}

export function mlKey(raw) {
  need(raw.length === 1312, 'an ML-DSA-44 key has 1312 bytes (I3)')
  need(raw.subarray(32).some((b) => b !== 0), 'an ML-DSA-44 key whose t1 is all zero (I4)')
  return raw
}

// sealKey holds a sealing key to its length and ML-KEM-768's coefficients to their modulus (FIPS 203 section 7.2).
export function sealKey(raw) {
  need(raw.length === 1216, 'a sealing key has 1216 bytes (I3)')
  for (let i = 0; i < 1152; i += 3) {
    const a = raw[i] | ((raw[i + 1] & 15) << 8), b = (raw[i + 1] >> 4) | (raw[i + 2] << 4)
    need(a < 3329 && b < 3329, 'a sealing key that is not valid (I12)')
  }
  return raw
}

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

// partyName holds a name to rule I1.
export function partyName(s) {
  const labels = s.split('.')
  need(s.length <= 80 && labels.length >= 2 && labels.every((l) => label.test(l)), `${JSON.stringify(s)} is no name of a party (I1)`)
  return s
}

// partyKey reads the text of a party's key.
export function partyKey(text) {
  const prefix = 'openline-party-1:'
  need(text.startsWith(prefix), 'a key of another role (I3)')
  const raw = base64(text.slice(prefix.length))
  need(raw.length === 1344, 'a party key has 1344 bytes (I3)')
  return { ed: edKey(raw.subarray(0, 32)), ml: mlKey(raw.subarray(32)) }
}

const list = fs.readFileSync(new URL('words.txt', import.meta.url), 'latin1').trimEnd().split('\n')

// fingerprint gives the 12 words of a party's name and key.
export function fingerprint(party, key) {
  const digest = sha256('openline/fingerprint/v1\n', party, Buffer.of(0), key.ed, key.ml)
  const bits = BigInt('0x' + digest.toString('hex')) >> 124n
  return Array.from({ length: 12 }, (_, i) => list[Number((bits >> BigInt(11 * (11 - i))) & 2047n)]).join('-')
}

// words reads a fingerprint in any case, with blanks for hyphens (I5).
export function words(text) {
  const out = text.trim().toLowerCase().split(/[\s-]+/)
  need(out.length === 12 && out.every((w) => list.includes(w)), `${JSON.stringify(text)} is not twelve words of the list (I5)`)
  return out.join('-')
}

// keyID is the first 4 bytes of SHA-256(name 0a rest).
export const keyID = (name, ...rest) => sha256(name, '\n', ...rest).subarray(0, 4)

const sigLine = /^— (\S+) ([A-Za-z0-9+/=]+)$/u

// note parts a signed note into text and signature lines.
export function note(text) {
  const cut = text.lastIndexOf('\n\n')
  need(cut >= 0 && text.endsWith('\n'), 'it is no signed note')
  const rest = text.slice(cut + 2)
  need(rest !== '', 'nobody signed it')
  const sigs = rest.slice(0, -1).split('\n').map((line) => {
    const m = sigLine.exec(line)
    need(m && !m[1].includes('+'), 'a line that is no signature')
    const raw = base64(m[2])
    need(raw.length > 4, 'a signature that is too short')
    return { line, name: m[1], id: raw.subarray(0, 4), sig: raw.subarray(4) }
  })
  return { text: text.slice(0, cut + 1), sigs }
}

const mlTag = 'openline.party/mldsa44/v1'

// partySigned says which of a party's two signatures stand on a note, and refuses one that does not verify (I6).
export function partySigned(n, party, key) {
  const ids = { ed: keyID(party, Buffer.of(1), key.ed), ml: keyID(party, Buffer.of(0xff), mlTag, key.ml) }
  let ed = 0, ml = 0
  for (const s of n.sigs) {
    if (s.name !== party) continue
    if (s.id.equals(ids.ed)) {
      need(ed25519(key.ed, Buffer.from(n.text), s.sig), `the Ed25519 signature of ${party} does not verify (I6)`)
      ed++
    } else if (s.id.equals(ids.ml)) {
      need(mldsa44(key.ml, Buffer.concat([Buffer.from(mlTag + '\n'), Buffer.from(n.text)]), s.sig), `the ML-DSA-44 signature of ${party} does not verify (I6)`)
      ml++
    }
  }
  return { ed, ml }
}

