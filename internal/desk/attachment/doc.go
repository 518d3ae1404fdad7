// SPDX-License-Identifier: Apache-2.0

// Package attachment looks at files: those a party is about to send, and
// those that came from the other side, which are hostile.
//
// Invariants:
//
//   - What a file is follows from its bytes. A name or a declared type that
//     says otherwise is a reason to turn it away, never to believe it.
//   - An image is measured before it is decoded. What is sent and what is
//     shown of it was encoded here: no metadata, no second file behind it.
//   - Text is UTF-8 without control characters and without the marks that
//     turn its order round.
//   - A PDF is never opened here.
//   - A name is for people: what [FileName] gives names no folder, is no
//     device and no hidden file, and ends as its type does.
//
// Specification: spec/agreement.md A4a, spec/record.md section 4.
package attachment
