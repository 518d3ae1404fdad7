// SPDX-License-Identifier: Apache-2.0

// The tree of a log and its edge: spec/log.md section 1.
import { createHash } from 'node:crypto'

export const emptyRoot = createHash('sha256').digest()

function node(left, right) {
  return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest()
}

// Edge is the roots of the full subtrees of a size, largest first.
export class Edge {
  constructor() {
    this.size = 0n
    this.roots = []
  }

  // append adds the root of 2^level records; the size must be a multiple of 2^level.
  append(level, root) {
    this.size += 1n << BigInt(level)
    while (this.roots.length && this.roots.at(-1).level === level) {
      root = node(this.roots.pop().root, root)
      level++
    }
    this.roots.push({ level, root })
  }

  root() {
    if (this.roots.length === 0) return emptyRoot
    return this.roots.map((r) => r.root).reduceRight((right, left) => node(left, right))
  }
}
