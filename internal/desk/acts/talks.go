// SPDX-License-Identifier: Apache-2.0

package acts

func requests() []Act {
	return []Act{
		{Name: "invite", Code: "CR01", Args: args("PARTY:POST called"),
			Flags: flags("caller!", "the office that calls"+aPost, "subject!", "what the call is about", "urgency", "emergency, urgent or ordinary (default ordinary)",
				"video=medium:video", "a video call", "window+=windows", "a time that suits"+aWindow+"; may be repeated", "speak+=languages", "a language of the call; may be repeated",
				"interpreter", "who brings one: ours, yours, both or none"),
			Usual: map[string]string{"urgency": "ordinary", "medium": "voice"}, To: "called",
			Short: "Ask an office of the other side for a call",
			Long: `Ask an office of the other side for a call (CR01). The record's number is the
dossier's for good: through reminders, redirections, counter-proposals and
changes of holder. openline dossier shows what came.`,
			Example: "openline invite harbour red:minister --caller blue:minister --subject \"air encounters\" --window 2026-12-01T08:00Z..2026-12-01T10:00Z\nopenline invite harbour red:minister --caller blue:minister --subject encounters --video"},
		{Name: "meet", Code: "MT01",
			Flags: flags("series!", "the dialogue it belongs to", "host!", "who receives the others", "place!", "where", "dates+!", "days or hours that suit"+aWindow+"; may be repeated",
				"number", "number in the series", "head", "office that leads the delegation"+aPost, "size", "persons in a delegation", "speak+=languages", "a language of the meeting; may be repeated", "agenda", "record that holds the agenda"),
			Short: "Propose a meeting", Long: `Propose a meeting (MT01). It is confirmed once the other side has said yes and
no item of its agenda is open: openline agenda.`,
			Example: "openline meet harbour --series \"maritime talks\" --host blue --place \"the forum\" --dates 2027-06-04..2027-06-06"},
		{Name: "sound", Code: "SD01", Flags: flags("subject!", "what a call would be about", "window", "when"+aWindow),
			Short: "Ask whether a call would be convenient; it commits nobody", Example: "openline sound harbour --subject encounters --window 2027-01-11T08:00Z..2027-01-11T10:00Z"},
		{Name: "remind", Code: "RM01", Args: args("RECORD re"), Short: "Remind of what was asked", Example: "openline remind harbour blue/412"},
		{Name: "ask", Code: "RQ01", Args: args("RECORD re"), Short: "Ask how a record stands with the other side", Example: "openline ask harbour blue/412"},
		{Name: "withdraw", Code: "WD01", Args: args("RECORD re"), Short: "Withdraw what was said; no view implied", Example: "openline withdraw harbour blue/412"},
		{Name: "noprejudice", Code: "CP04", Args: args("RECORD re"), Short: "Ask for it this once, without prejudice and as no precedent", Example: "openline noprejudice harbour blue/412"},
		{Name: "same", Code: "SM01", Args: args("RECORD re", "OTHER other"), Short: "Say that two matters are one; it takes an act in each", Example: "openline same harbour blue/412 red/310"},
		{Name: "call words", Code: "CR04", Args: args("RECORD re"), Flags: flags("words!", "words by which the caller is known, used once", "check!", "the code that is answered"),
			Short: "Give call-back words and a check code for an accepted call", Example: "openline call words harbour blue/412 --words \"grey heron\" --check 4711"},
		{Name: "call ended", Code: "CR05", Args: args("RECORD re"),
			Flags: flags("ended@", "when it ended"+aTime, "points!", "what each side will report", "asked!", "who is said to have asked: ours, yours, both or unsaid", "release!", "when it is made public"+aTime),
			Short: "Say that a call ended, and what both will report", Example: "openline call ended harbour blue/412 --points \"air encounters were discussed\" --asked both --release 2027-01-11T12:00Z"},
	}
}

func replies() []Act {
	return []Act{
		{Name: "accept", Code: "CR02", Args: args("RECORD re"), Flags: flags("window!", "for which window"+aWindow, "participant+=participants", "who takes part; may be repeated"),
			Short: "Accept a call for a window", Example: "openline accept harbour red/310 --window 2027-01-11T08:00Z..2027-01-11T09:00Z"},
		{Name: "hold", Code: "HD01", Args: args("RECORD re"), Flags: flags("until!", "answer by"+aTime), Short: "Stand by; an answer comes by an hour", Example: "openline hold harbour red/310 --until 2027-01-11T12:00Z"},
		{Name: "decline", Code: "HD05", Args: args("RECORD re"), Flags: flags("reason!", "reason code, 1 to 12", "condition", "what would change it"), Short: "Decline, with a reason",
			Example: "openline decline harbour red/310 --reason 9 --condition \"another week\""},
		{Name: "counter", Code: "CR03", Args: args("RECORD re"), Flags: flags("window", "another time"+aWindow, "office", "another office"+aPost, "proposal", "something else, in words"),
			Short: "Propose another time, another office or a text instead", Example: "openline counter harbour red/310 --window 2027-01-12T08:00Z..2027-01-12T09:00Z"},
		{Name: "condition", Code: "PR02", Args: args("RECORD re", "CONDITION condition"), Short: "Agree on a condition", Example: "openline condition harbour red/310 \"the agenda is agreed first\""},
		{Name: "in-principle", Code: "PR01", Args: args("RECORD re"), Short: "Agree in principle; a time is to be found", Example: "openline in-principle harbour red/310"},
		{Name: "redirect", Code: "HD04", Args: args("RECORD re", "PARTY:POST office"), Short: "Say that another office is competent; nothing else is meant by it",
			Example: "openline redirect harbour red/310 blue:minister"},
		{Name: "elsewhere", Code: "AN01", Args: args("RECORD re"), Flags: flags("channel!", "by which it was answered", "when!", "when"+aTime, "office", "by which office"+aPost),
			Short: "Say that it was answered elsewhere", Example: "openline elsewhere harbour red/310 --channel \"embassy note\" --when 2027-01-10T09:00Z"},
		{Name: "confirm", Code: "AN02", Args: args("RECORD re"), Short: "Confirm that an answer came that other way", Example: "openline confirm harbour red/312"},
		{Name: "untraced", Code: "AN03", Args: args("RECORD re"), Short: "Say that an answer named by the other side cannot be traced", Example: "openline untraced harbour red/312"},
		{Name: "will", Code: "WL01", Args: args("RECORD re"), Short: "Say that it will be done", Example: "openline will harbour red/315"},
		{Name: "unable", Code: "WL02", Args: args("RECORD re"), Flags: flags("reason!", "reason code, 1 to 12 (openline decline --help lists them)"), Short: "Say that it cannot be done, and why", Example: "openline unable harbour red/315 --reason 1"},
		{Name: "yes", Code: "AF01", Args: args("RECORD re"), Short: "Yes", Example: "openline yes harbour red/315"},
		{Name: "no", Code: "AF02", Args: args("RECORD re"), Flags: flags("cause", "why, in words"), Short: "No", Example: "openline no harbour red/315 --cause \"the day is a holiday here\""},
		{Name: "translating", Code: "TR01", Args: args("RECORD re"), Flags: flags("until!", "by when"+aTime), Short: "Say that it waits for translation", Example: "openline translating harbour red/310 --until 2027-01-11T12:00Z"},
		{Name: "looking", Code: "HD02", Args: args("RECORD re"), Flags: flags("until!", "next word by"+aTime), Short: "Say that it is looked into; next word by an hour, even if nothing new", Example: "openline looking harbour red/320 --until 2027-01-11T12:00Z"},
		{Name: "no-word", Code: "HD03", Args: args("RECORD re"), Short: "Say that it was received and there is no word yet", Example: "openline no-word harbour red/310"},
	}
}

func receipts() []Act {
	return []Act{
		{Name: "ack", Code: "RC01", Args: args("RECORD… re"), Flags: flags("hour", "when it was read"+aTime), Short: "Say that the watch has read records; no view implied", Example: "openline ack harbour red/310"},
		{Name: "shown", Code: "RC02", Args: args("RECORD… re"), Flags: flags("office!", "to which office"+aPost, "hour@", "when"+aTime), Short: "Say that records were shown to the office addressed",
			Example: "openline shown harbour red/310 --office blue:minister"},
		{Name: "passed", Code: "RC03", Args: args("RECORD re"), Flags: flags("units!=k", "how many units were informed", "of!=n", "of how many", "hour@", "when"+aTime, "expiry", "until when it holds"+aTime),
			Short: "Say to how many operating units it was passed; no permission implied", Example: "openline passed harbour red/330 --units 3 --of 4"},
		{Name: "understood", Code: "RC04", Args: args("RECORD re", "READING reading"), Short: "Say how a record is understood, and ask whether that is right", Example: "openline understood harbour red/310 \"you ask for a call on 11 January\""},
		{Name: "unclear", Code: "RC05", Args: args("RECORD re", "PART part"), Flags: flags("cause", "why, in words"), Short: "Say which part of a record was not understood", Example: "openline unclear harbour red/310 \"the second paragraph\""},
		{Name: "confirm-receipt", Code: "RC06", Args: args("RECORD re"), Short: "Ask for a person's word that a record was received", Example: "openline confirm-receipt harbour blue/412"},
	}
}

func counterparts() []Act {
	return []Act{
		{Name: "pair state", Code: "CP01", Args: args("OURS ours", "THEIRS theirs"), Flags: flags("subject!", "for which subject", "grounds", "why, in words"),
			Short: "State that two posts are seen as counterparts for a subject", Example: "openline pair state harbour blue:secretary red:minister --subject encounters --grounds \"both head the ministry\""},
		{Name: "pair agree", Code: "CP02", Args: args("RECORD re"), Short: "See it so too", Example: "openline pair agree harbour red/210"},
		{Name: "pair differ", Code: "CP03", Args: args("RECORD re"), Flags: flags("office", "the post that is seen as the counterpart"+aPost, "grounds", "why, in words"),
			Short: "See it differently, and say how", Example: "openline pair differ harbour blue/210 --office red:minister --grounds \"the offices\""},
		{Name: "position", Code: "SP01", Args: args("SUBJECT subject", "POSITION position"), Flags: flags("from", "from when it holds"+aTime),
			Short: "State this party's position on a subject", Example: "openline position harbour encounters \"Distances as in the agreement of 1998.\""},
		{Name: "post declare", Code: "PO01", Args: args("POST post"),
			Flags: flags("office!", "what it is called", "holder", "who holds it", "since", "since when"+aTime, "deputy+=deputies", "who stands in; may be repeated", "hours", "when it is reached, in words", "address", "form of address", "rank", "place in this party's own order, in words", "replaces=re", "the declaration of the post that this replaces, as party/number"),
			Short: "Declare an office of this party", Long: `Declare an office of this party (PO01): how it is addressed on the line, what it
is called, who holds it, who stands in, its form of address and its place in
this party's own order. No equivalence with any other order is implied.`,
			Example: "openline post declare harbour minister --office \"Minister of Defence\" --holder \"A. Ames\" --rank \"fourth in the cabinet\""},
		{Name: "post holder", Code: "PO02", Args: args("RECORD re", "POST post"), Flags: flags("holder", "who holds it now; not given: vacant, or not said", "since!", "since when"+aTime),
			Short: "Say that the holder of an office changes", Example: "openline post holder harbour blue/12 minister --holder \"B. Baker\" --since 2027-01-20"},
	}
}
