// SPDX-License-Identifier: Apache-2.0

package acts

func meetings() []Act {
	stand := func(name, stand, short string) Act {
		return Act{Name: "agenda " + name, Code: "MT02", Args: args("RECORD re", "ITEM item"), Fixed: map[string]string{"stand": stand}, Short: short,
			Example: "openline agenda " + name + " harbour blue/412 \"encounters at sea\""}
	}
	return []Act{
		stand("add", "proposed", "Propose an item for the agenda of a meeting"),
		stand("agree", "agreed", "Agree to an item"),
		stand("differ", "not_agreed", "Say that an item is not agreed"),
		stand("list", "listed", "Have an item listed at the request of one side"),
		stand("withdraw", "withdrawn", "Withdraw an item"),
		{Name: "cannot-hold", Code: "MT03", Args: args("RECORD re"), Flags: flags("by!", "ours, host or organiser: on whose side the cause lies", "fallback", "another time that is offered"+aWindow, "cause", "why, in words"),
			Short: "Say that a call or meeting cannot be held, and offer a fallback", Example: "openline cannot-hold harbour blue/412 --by organiser --fallback 2027-06-04T08:00Z..2027-06-04T09:00Z"},
		{Name: "dialogue stage", Code: "MT04", Args: args("SERIES series", "STAGE stage"), Flags: flags("review", "when it is looked at anew"+aTime),
			Short: "Say that a dialogue is resumed, postponed or suspended", Example: "openline dialogue stage harbour \"maritime talks\" suspended --review 2027-09-01"},
		{Name: "forum", Code: "FM01", Args: args("FORUM forum", "PLAN plan"), Flags: flags("dates", "when it is"+aWindow, "ref=re", "what was said of it before, as party/number"),
			Short:   "Say of a forum run by others: planned, attending, or called_off by its organisers",
			Example: "openline forum harbour \"Singapore forum\" attending --dates 2027-06-04..2027-06-06"},
		{Name: "suspend", Code: "ST01", Args: args("CLASS… classes"), Flags: flags("from@", "from when"+aTime, "review!", "when it is looked at anew"+aTime, "cause", "why, in words"),
			Short: "Suspend classes of traffic; tests and safety of life go on",
			Long: `Suspend classes of traffic (ST01): receipt, talks, notice, incident, text. Tests,
distress, notices of accidents and the resumption itself cannot be suspended.`,
			Example: "openline suspend harbour talks notice --review 2027-03-01"},
		{Name: "resume", Code: "ST02", Args: args("RECORD re", "CLASS… classes"), Flags: flags("from@", "from when"+aTime),
			Short: "Resume classes of traffic that a record of ours suspended", Example: "openline resume harbour blue/500 talks"},
		{Name: "readout seal", Code: "RO01", Args: args("RECORD re"), Flags: flags("digest!", "SHA-256 of the text, hex (openline readout seal takes --file)", "opens!", "when it opens"+aTime),
			Short: "Give the digest of this party's public text of a call, sealed until an hour", Example: "openline readout seal harbour blue/412 --file readout.txt --opens 2027-01-11T12:00Z"},
		{Name: "readout open", Code: "RO01", Args: args("RECORD re"), Flags: flags("digest!", "as it was sealed", "opens!", "as it was sealed"+aTime, "readout!", "the text"),
			Short: "Give the text of a sealed read-out", Example: "openline readout open harbour blue/412 --file readout.txt"},
	}
}

func incidents() []Act {
	return []Act{
		{Name: "incident report", Code: "IN01",
			Flags: flags("place!", "where"+aPlace, "hour!", "when"+aTime, "kind!", "what it was, in a word or two", "area", "name of the area", "units", "own units", "harm", "harm done", "sure", "what is certain", "unsure", "what is not certain"),
			Short: "Report an incident; its number is shared by both sides", Example: "openline incident report harbour --place 24.5,119.7 --hour now --kind collision --harm \"none known\""},
		{Name: "incident ask", Code: "IN02", Args: args("[RECORD] re"), Flags: flags("description!", "what happened", "place", "where"+aPlace, "hour", "when"+aTime),
			Short: "Ask whether it involved the other side's forces or systems", Example: "openline incident ask harbour blue/600 --description \"a vessel without lights\""},
		{Name: "incident ours", Code: "OW01", Args: args("RECORD re"), Short: "Answer: ours", Example: "openline incident ours harbour red/610"},
		{Name: "incident not-ours", Code: "OW02", Args: args("RECORD re"), Short: "Answer: not ours", Example: "openline incident not-ours harbour red/610"},
		{Name: "incident unsaid", Code: "OW03", Args: args("RECORD re"), Short: "Answer: we do not say", Example: "openline incident unsaid harbour red/610"},
		{Name: "incident not-intended", Code: "IN03", Args: args("[RECORD] re"), Flags: flags("kind!", "accident, fault or unauthorised", "measures", "measures taken"),
			Short: "Say that it was not intended by this party; two persons release it", Example: "openline incident not-intended harbour red/610 --kind accident --as ames --as baker"},
		{Name: "incident keep-clear", Code: "IN04", Args: args("[RECORD] re"),
			Flags: flags("object!", "what is to be kept clear of", "area", "where"+anArea, "hold-fire=request:hold_fire", "hold fire toward it, beyond keeping clear", "until!", "until when"+aTime),
			Usual: map[string]string{"request": "keep_clear"},
			Short: "Request that the other side keep clear, or hold fire, until an hour", Example: "openline incident keep-clear harbour --object \"hospital ship Mercy\" --until 2027-01-11T12:00Z"},
		{Name: "incident cyber", Code: "IN05", Flags: flags("service!", "essential service that is touched", "hour!", "when"+aTime, "indicators!", "what is seen"),
			Short: "Report a cyber event that touches an essential service, and ask to check", Example: "openline incident cyber harbour --service \"port control\" --hour now --indicators \"scans from 192.0.2.0/24\""},
		{Name: "incident aware", Code: "IN06", Args: args("[RECORD] re"), Flags: flags("place!", "where"+aPlace, "hour!", "when"+aTime, "until!", "next word by"+aTime),
			Short: "Say that an event is known; next word by an hour, nothing about its cause", Example: "openline incident aware harbour --place 24.5,119.7 --hour now --until 2027-01-11T12:00Z"},
		{Name: "incident close", Code: "NT05", Args: args("RECORD re"), Fixed: map[string]string{"state": "ended"}, Flags: flags("changes", "how, in words"),
			Short: "Say that an incident has ended", Example: "openline incident close harbour blue/600"},
		{Name: "distress report", Code: "DS01", Flags: flags("position!", "where"+aPlace, "kind!", "what it is", "help-is!=help", "asked or offered", "number", "how many persons", "unit", "unit on the scene"),
			Short: "Persons in distress: ask for help, or offer it", Example: "openline distress report harbour --position 24.5,119.7 --kind \"vessel on fire\" --help-is asked"},
		{Name: "distress passage", Code: "DS02", Flags: flags("route!", "where"+anArea, "window!", "when"+aWindow, "marks", "how it is marked"),
			Short: "Request unhindered passage for medical or relief transport", Example: "openline distress passage harbour --route \"24.5,119.7;24.9,119.9\" --window 2027-01-11T08:00Z..2027-01-11T20:00Z"},
	}
}

func notices() []Act {
	change := func(name, state, short string) Act {
		return Act{Name: "notice " + name, Code: "NT05", Args: args("RECORD re"), Fixed: map[string]string{"state": state}, Flags: flags("changes", "what changes, in words"), Short: short,
			Example: "openline notice " + name + " harbour blue/700"}
	}
	return []Act{
		{Name: "notice exercise", Code: "NT01",
			Flags: flags("name!", "its name or number", "window!", "when"+aWindow, "forces!", "kinds and size of forces", "live-fire!", "yes or no", "observers!", "yes or no", "area", "where"+anArea, "place", "where, by name"),
			Short: "Give notice of an exercise", Example: "openline notice exercise harbour --name \"Calm Sea 1\" --place \"outer roads\" --window 2027-04-01..2027-04-05 --forces \"two frigates\" --live-fire no --observers yes"},
		{Name: "notice launch", Code: "NT02", Flags: flags("type!", "class of the missile or rocket", "window!", "when"+aWindow, "launch-area!", "from where"+anArea, "impact-area!", "to where"+anArea),
			Short: "Give notice of a missile or space launch", Example: "openline notice launch harbour --type research --window 2027-04-01T02:00Z..2027-04-01T04:00Z --launch-area \"28.5,-80.5;28.6,-80.5;28.6,-80.6\" --impact-area \"10,-40;11,-40;11,-41\""},
		{Name: "notice area", Code: "NT03", Flags: flags("area!", "where"+anArea, "window!", "when"+aWindow, "levels", "levels or altitudes", "notice", "NOTAM or NAVAREA reference"),
			Short: "Give notice of a danger area or closed area", Example: "openline notice area harbour --area \"24.5,119.7;24.6,119.7;24.6,119.9\" --window 2027-04-01..2027-04-03 --notice \"NAVAREA XI 0123/27\""},
		{Name: "notice movement", Code: "NT04", Flags: flags("kind!", "convoy, hospital, shelter …", "route!", "points of the route, or the site"+anArea, "window!", "when"+aWindow, "marking", "how it is marked", "contact", "whom to reach"),
			Short: "Give notice of a movement or site to be spared", Example: "openline notice movement harbour --kind \"relief convoy\" --route \"31.5,34.4;31.4,34.3\" --window 2027-04-01T05:00Z..2027-04-01T15:00Z"},
		change("correct", "corrected", "Correct a notice"),
		change("cancel", "cancelled", "Cancel a notice"),
		change("end", "ended", "Say that what a notice announced has ended"),
	}
}

func desk() []Act {
	return []Act{
		{Name: "desk open", Code: "LT03", Fixed: map[string]string{"state": "open"}, Flags: flags("from@", "from when"+aTime, "until=to", "until when"+aTime, "speak=language", "language on duty"),
			Short: "Say that the desk is attended", Example: "openline desk open harbour --until 2027-01-11T17:00Z"},
		{Name: "desk close", Code: "LT03", Fixed: map[string]string{"state": "closed"}, Flags: flags("from@", "from when"+aTime, "until=to", "next attended"+aTime, "speak=language", "language on duty then"),
			Short: "Say that the desk closes, and when it is next attended", Example: "openline desk close harbour --until 2027-01-12T08:00Z"},
		{Name: "desk bearer", Code: "LT05", Args: args("BEARER bearer"), Flags: flags("window!", "when"+aWindow, "alternative", "what remains"),
			Short: "Say that a bearer will be out of service", Example: "openline desk bearer harbour tls --window 2027-01-11T08:00Z..2027-01-11T09:00Z"},
		{Name: "desk resend", Code: "LT06", Args: args("FIRST first", "LAST last"), Short: "Ask for records to be sent once more", Example: "openline desk resend harbour 301 310"},
		{Name: "test read", Code: "LT02", Args: args("RECORD re"), Flags: flags("n!", "number of the test", "quality!", "legible, partly or not", "lost", "groups lost"),
			Short: "Answer a line test in person", Example: "openline test read harbour red/301 --n 12 --quality legible"},
		{Name: "test unanswered", Code: "LT04", Args: args("RECORD re"), Flags: flags("n!", "number of the test", "cause!", "fault, maintenance, unattended or decision", "until", "until when"+aTime),
			Short: "Say why a line test was not answered", Example: "openline test unanswered harbour red/301 --n 12 --cause maintenance"},
		{Name: "text", Code: "TX01", Args: args("TEXT text"), Flags: flags("ref+=re", "a record it answers; may be repeated"), Short: "Say something in free words", Example: "openline text harbour \"Good morning.\""},
		{Name: "greet", Code: "GW01", Args: args("OCCASION occasion"), Flags: flags("wording", "the words"), Short: "A greeting, condolence or welcome", Example: "openline greet harbour welcome --wording \"To the new minister.\""},
		{Name: "disregard", Code: "ER01", Args: args("RECORD re"), Flags: flags("replaced", "the record that stands instead"), Short: "Say that a record was sent in error", Example: "openline disregard harbour blue/413"},
		{Name: "warn hoax", Code: "HX01", Flags: flags("channel!", "by which it came", "hour!", "when"+aTime, "description", "what it said"), Short: "Say that a message or call in this party's name was not its own",
			Example: "openline warn hoax harbour --channel telephone --hour 2027-01-11T03:00Z"},
		{Name: "warn keys", Code: "ST03", Flags: flags("hour!", "rely on nothing after"+aTime, "means!", "what is to be used instead"), Short: "Say that this station or its keys may be in other hands",
			Example: "openline warn keys harbour --hour 2027-01-11T03:00Z --means \"the embassy\""},
		{Name: "adopt", Code: "AD01", Flags: flags("version!", "version of the agreement", "digest!", "SHA-256 of its text, hex"), Short: "Adopt a version of the agreement; two persons release it",
			Example: "openline adopt harbour --version 2 --digest 2f0c… --as ames --as baker"},
		{Name: "remove", Code: "RT01", Args: args("RECORD… records"), Short: "Remove the content of closed records under the retention clause; two persons release it",
			Example: "openline remove harbour blue/12 blue/13 --as ames --as baker"},
	}
}
