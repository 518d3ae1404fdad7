// SPDX-License-Identifier: Apache-2.0

// Fault makes the verification fail: it names the file and the step (spec/extract.md section 1).
export class Fault extends Error {
  constructor(step, file, reason) {
    super(reason)
    this.step = step
    this.file = file
  }
}

// at runs a function that throws plain errors and names the step and file of what it throws.
export function at(step, file, f) {
  try {
    return f()
  } catch (e) {
    if (e instanceof Fault || !(e instanceof Refused)) throw e
    throw new Fault(step, file, e.message)
  }
}

// Refused is input that a format does not admit.
export class Refused extends Error {}

// refuse throws Refused; need throws it unless ok.
export function refuse(reason) {
  throw new Refused(reason)
}

export function need(ok, reason) {
  if (!ok) throw new Refused(reason)
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

// utf8 reads text, and refuses what is not UTF-8.
export function utf8(bytes) {
  try {
    return strict.decode(bytes)
  } catch {
    throw new Refused('it is not UTF-8')
  }
}

// lines parts a text whose every line ends with one line feed.
export function lines(text) {
  need(text.endsWith('\n'), 'the last line has no line feed')
  return text.slice(0, -1).split('\n')
}

const number = /^(0|[1-9][0-9]*)$/

// decimal reads digits without sign or leading zero, from lo to hi, as BigInt.
export function decimal(s, lo, hi) {
  need(number.test(s) && s.length <= 19, `${JSON.stringify(s)} is no decimal number`)
  const n = BigInt(s)
  need(n >= lo && n <= hi, `${s} is not from ${lo} to ${hi}`)
  return n
}

// base64 reads the one spelling of RFC 4648 section 4.
export function base64(s) {
  const b = Buffer.from(s, 'base64')
  need(b.toString('base64') === s, 'base64 in another spelling')
  return b
}
