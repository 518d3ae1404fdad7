// SPDX-License-Identifier: Apache-2.0

package link

import "fmt"

// Code is why a session ended, from the closed set of spec/link.md section 6.
// It is all one side tells the other; the particulars stay in its own log.
type Code uint8

// The codes. CodeUnknown stands for any number this version does not know;
// it is read, never sent.
const (
	CodeNone      Code = iota
	CodeClosing        // the station stops or renews the session
	CodeMalformed      // a frame does not parse or is out of its bounds
	CodeIdentity       // line, party, role or session signature is not the one expected
	CodeOrder          // a frame that is not allowed in this state
	CodeRate           // more frames or packages than the limits allow
	CodeSilent         // three pings unanswered
	CodeBoot           // another live boot of the same station was seen
	CodeRefused        // a payload was refused by the mirror
	CodeUnknown
)

var codeNames = [...]string{"none", "closing", "malformed", "identity", "order", "rate", "silent", "boot", "refused", "unknown"}

// String gives the code's name as the spec writes it.
func (c Code) String() string {
	if int(c) >= len(codeNames) {
		return "unknown"
	}
	return codeNames[c]
}

func codeOf(n uint64) Code {
	if n == 0 || n >= uint64(CodeUnknown) {
		return CodeUnknown
	}
	return Code(n)
}

// Error ends a session: the bearer is to be closed after [Session.Out] has
// been written once more, which carries the code to the other side.
type Error struct {
	Code Code
	Msg  string
}

func (e *Error) Error() string { return fmt.Sprintf("link %s: %s", e.Code, e.Msg) }
