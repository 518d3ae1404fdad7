// SPDX-License-Identifier: Apache-2.0

// Package catalogue is what can be said on a line: phrases with typed
// parameters, the replies each permits, who may send it, and how it reads in
// each language.
//
// The catalogue is data, not code: TOML files for phrases and one file per
// language, named by a manifest whose digest the agreement holds. Parties
// extend it by agreement without touching code ([Extend]).
//
// Invariants:
//
//   - Everything said is a phrase; free text is a phrase whose parameter is
//     a text.
//   - A rendering uses exactly its phrase's parameters; a missing rendering or
//     parameter is an error when the catalogue is loaded.
//   - Nothing is worded twice: an extension adds and changes nothing.
//   - No rendering evaluates, and each reads the same from either side.
//   - What somebody chose freely stands in «», on one line, and turns nothing
//     around it; everything else is the catalogue's own wording.
//   - A record is checked against the catalogue of its own agreement version;
//     what does not fit is still stored and shown as what it is.
//
// Specification: spec/catalogue.md.
package catalogue
