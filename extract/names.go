// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"openline/extract/layout"
	"openline/record"
)

// What an extract is made of is named in package layout.
type (
	LogID = layout.LogID
	Place = layout.Place
	Depth = layout.Depth
	Kind  = layout.Kind
	Fault = layout.Fault
)

// The depths, and the kinds of extract.
const (
	Withheld   = layout.Withheld
	LeafOnly   = layout.LeafOnly
	WithHeader = layout.WithHeader
	Whole      = layout.Whole
	Records    = layout.Records
	NoReplyFor = layout.NoReplyFor
	AboutThing = layout.AboutThing
)

// ParseDepth reads leaf, header or body.
func ParseDepth(s string) (Depth, error) { return layout.ParseDepth(s) }

// Statement is a cosignature as its signer made it: a receipt when Log is
// another party's than By, a timed head when both are one.
type Statement struct {
	Log  LogID
	By   LogID
	Size uint64
	Root [32]byte
	At   record.Stamp
	PQ   bool
	Line []byte // the signature line, line feed included
}

// Bounds of the files in bytes; a file of entries is bounded by the
// container.
const (
	maxTitle     = 4 << 10
	maxDigests   = layout.MaxFiles * (64 + 2 + layout.MaxNameLen + 1)
	maxSummary   = 64 << 10
	maxAgreement = 1 << 20
	maxManifest  = 64 << 10
	maxCatalogue = 1 << 20
	maxCard      = 64 << 10
	maxHead      = 64 << 10
)

// Bounds on how many there are.
const (
	maxVersions = 256  // of the agreement
	maxLogs     = 1024 // station cards
	maxSigned   = 20_000
	maxNamed    = 4096     // records about a request that are listed, or named by hash
	maxCourse   = 65_536   // generations a party may say it has seen
	maxTaken    = 64 << 20 // bytes of all files but those of entries
)
