// SPDX-License-Identifier: Apache-2.0

package browser_test

import (
	"context"
	"testing"
	"time"

	"openline/internal/host"
	"openline/internal/station"
)

// at is an hour from now, as it is typed.
func at(hours int) string {
	return time.Now().UTC().Truncate(time.Hour).Add(time.Duration(hours) * time.Hour).Format("2006-01-02T15:04Z")
}

func span(from, to int) string { return at(from) + ".." + at(to) }

// tell has both sides say a little of every affair.
func (st *stage) tell(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	signs(t, ctx, st.sides["red"], st)
	signs(t, ctx, st.sides["blue"], st)
	for _, x := range scene {
		st.say(t, ctx, x.side, x.id, x.code, x.re, x.params()...)
	}
}

// signs waits until a station signs: before it has met the other one it does
// not know whether its copy is the newest.
func signs(t *testing.T, ctx context.Context, h *host.Host, st *stage) {
	t.Helper()
	news, leave, err := h.Subscribe(st.world.Line(), 64)
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	for {
		v, err := h.View(ctx, st.world.Line())
		if err != nil {
			t.Fatal(err)
		}
		if v.Hold == station.HoldNone {
			return
		}
		select {
		case <-news:
		case <-ctx.Done():
			t.Fatalf("the station does not sign: %s", v.Hold)
		}
	}
}

type act struct {
	side, id, code, re string
	params             func() []string
}

func p(list ...string) func() []string { return func() []string { return list } }

var scene = []act{
	{"blue", "", "CK01", "", func() []string {
		return []string{"clocks=CR01 24h; MT01 7d; IN02 24h", "valid_from=2026-01-01", "zone=America/New_York"}
	}},
	{"red", "", "CK01", "", func() []string {
		return []string{"clocks=CR01 24h; MT01 7d; IN02 24h", "valid_from=2026-01-01", "zone=Asia/Shanghai"}
	}},
	{"blue", "", "PO01", "", p("post=secretary", "office=Secretary of Defence", "rank=fourth in the cabinet", "address=Mr Secretary", "deputies=Deputy Secretary", "hours=weekdays 13:00Z to 22:00Z", "holder=by office", "since=2025-01-20")},
	{"blue", "", "PO01", "", p("post=chairman", "office=Chairman, Joint Chiefs of Staff", "rank=senior officer in uniform")},
	{"blue", "", "PO01", "", p("post=command", "office=Commander, Northern Command")},
	{"blue", "", "PO01", "", p("post=policy", "office=Policy Office", "hours=weekdays 13:00Z to 22:00Z")},
	{"blue", "", "PO01", "", p("post=cyber", "office=Cyber duty desk", "hours=at all hours")},
	{"blue", "bwatch", "PO01", "", p("post=watch", "office=Duty officer", "hours=at all hours")},
	{"red", "", "PO01", "", p("post=vice", "office=Vice Chairman of the Commission", "rank=inside the bureau of 25")},
	{"red", "rminister", "PO01", "", p("post=minister", "office=Minister of National Defence", "rank=outside the bureau")},
	{"red", "", "PO01", "", p("post=staff", "office=Chief of the Joint Staff")},
	{"red", "", "PO01", "", p("post=southern", "office=Commander, Southern Theatre")},
	{"red", "", "PO01", "", p("post=cooperation", "office=Office for Military Cooperation", "hours=weekdays 00:00Z to 10:00Z")},
	{"red", "", "PO01", "", p("post=watch", "office=Duty officer", "hours=at all hours")},

	{"blue", "cp1", "CP01", "", p("ours=blue:secretary", "theirs=red:vice", "subject=calls between principals", "grounds=The Secretary met the vice chairman in 2018.")},
	{"red", "", "CP03", "cp1", p("office=red:minister", "grounds=In diplomatic protocol the counterpart is the minister.")},
	{"blue", "cp2", "CP01", "", p("ours=blue:chairman", "theirs=red:staff", "subject=all subjects")},
	{"red", "", "CP02", "cp2", p()},
	{"blue", "cp3", "CP01", "", p("ours=blue:command", "theirs=red:southern", "subject=encounters at sea", "grounds=Both command what meets there.")},
	{"red", "cp4", "CP01", "", p("ours=red:cooperation", "theirs=blue:policy", "subject=policy talks")},
	{"blue", "", "CP02", "cp4", p()},
	{"red", "", "SP01", "", p("subject=calls between principals", "position=A call needs an agenda first.", "from=2026-05-01")},

	{"blue", "call1", "CR01", "", func() []string {
		return []string{"caller=blue:secretary", "called=red:vice", "subject=calls between principals", "urgency=ordinary", "medium=voice", "windows=" + span(24, 26) + "; " + span(48, 50)}
	}},
	{"red", "", "RC01", "call1", p()},
	{"blue", "", "RM01", "call1", p()},
	{"red", "", "HD04", "call1", p("office=red:minister")},
	{"blue", "", "CP04", "call1", p()},
	{"blue", "call2", "CR01", "", func() []string {
		return []string{"caller=blue:chairman", "called=red:staff", "subject=encounters at sea", "urgency=urgent", "medium=video", "windows=" + span(5, 6)}
	}},
	{"red", "", "CR02", "call2", func() []string { return []string{"window=" + span(5, 6)} }},
	{"red", "call3", "CR01", "", func() []string {
		return []string{"caller=red:cooperation", "called=blue:policy", "subject=the exchange of officers", "urgency=ordinary", "medium=voice", "windows=" + span(30, 31)}
	}},
	{"red", "call4", "CR01", "", func() []string {
		return []string{"caller=red:minister", "called=blue:secretary", "subject=calls between principals", "urgency=ordinary", "medium=voice", "windows=" + span(70, 72)}
	}},
	{"blue", "", "HD01", "call4", func() []string { return []string{"until=" + at(40)} }},
	{"blue", "call5", "CR01", "", func() []string {
		return []string{"caller=blue:policy", "called=red:cooperation", "subject=a forum in June", "urgency=ordinary", "medium=voice"}
	}},
	{"red", "", "CR03", "call5", func() []string {
		return []string{"window=" + span(90, 91), "proposal=Later in the week would suit."}
	}},
	{"blue", "call6", "CR01", "", p("caller=blue:policy", "called=red:cooperation", "subject=visits", "urgency=ordinary", "medium=voice")},
	{"red", "", "HD05", "call6", p("reason=9", "condition=A date after the holidays.")},

	{"blue", "meet1", "MT01", "", func() []string {
		return []string{"series=Maritime safety talks", "number=12", "host=Red", "place=Qingdao", "dates=" + span(400, 430), "head=blue:policy", "size=8"}
	}},
	{"red", "", "AF01", "meet1", p()},
	{"blue", "item1", "MT02", "meet1", p("item=Encounters at close distance", "stand=proposed")},
	{"red", "", "AF01", "item1", p()},
	{"red", "item2", "MT02", "meet1", p("item=Use of the radio language", "stand=proposed")},
	{"red", "meet2", "MT01", "", func() []string {
		return []string{"series=Policy talks", "number=4", "host=Blue", "place=Forum of the Strait", "dates=" + span(600, 620)}
	}},
	{"blue", "", "FM01", "", func() []string {
		return []string{"forum=Forum of the Strait", "plan=called_off", "dates=" + span(590, 640)}
	}},
	{"blue", "", "FM01", "", func() []string {
		return []string{"forum=Security conference", "plan=attending", "dates=" + span(900, 940)}
	}},
	{"red", "mt04", "MT04", "", func() []string { return []string{"series=Policy talks", "stage=postponed", "review=" + at(300)} }},
	{"blue", "st01", "ST01", "", func() []string {
		return []string{"classes=notice;text", "from=" + at(-2), "review=" + at(700), "cause=By decision."}
	}},

	{"blue", "in1", "IN01", "", func() []string {
		return []string{"place=24.41,119.72", "area=Strait, northern part", "hour=" + at(-3), "kind=close approach at sea", "units=one frigate", "harm=none", "sure=distance below 200 m", "unsure=which ship it was"}
	}},
	{"red", "", "HD02", "in1", func() []string { return []string{"until=" + at(3)} }},
	{"blue", "in1q", "IN02", "in1", func() []string {
		return []string{"place=24.41,119.72", "hour=" + at(-3), "description=A ship with hull number 171."}
	}},
	{"red", "", "OW03", "in1q", p()},
	{"red", "in2", "IN01", "", func() []string {
		return []string{"place=18.2,112.6", "hour=" + at(-20), "kind=aircraft near an exercise", "harm=not known"}
	}},
	{"red", "", "NT05", "in2", p("state=ended")},
	{"red", "in3", "IN04", "", func() []string {
		return []string{"object=research vessel", "area=21.0,117.0; 21.0,118.5; 20.0,118.5; 20.0,117.0", "request=keep_clear", "until=" + at(12)}
	}},
	{"blue", "in4", "DS01", "", p("position=22.9,118.4", "number=4", "kind=fishing boat taking water", "help=asked")},
	{"red", "in5", "IN06", "", func() []string { return []string{"place=25.6,121.9", "hour=" + at(-1), "until=" + at(2)} }},
	{"red", "zone", "NT03", "", func() []string {
		return []string{"area=22.5,120.9; 22.5,122.6; 21.2,122.6; 21.2,120.9", "levels=surface to 9000 m", "window=" + span(-1, 30)}
	}},
	{"blue", "tx", "TX01", "", p("text=We have passed the position of the vessel to our rescue centre.")},
}

const contactHead = "date,kind,level,ours,theirs,channel,outcome,source,attribution,note,asked,subject,area,reported_by,published,learned,sources_count,quote\n"

// contacts are what each side knows from elsewhere.
var contacts = map[string]string{
	"blue": contactHead +
		"2026-02-03,contact,principal,Secretary of Defence,Minister of National Defence,telephone,held,our own note,official,,ours,first call,,,2026-02-03,2026-02-03,1,\n" +
		"2026-03-10,meeting,senior,\"Chairman, Joint Chiefs of Staff\",Chief of the Joint Staff,in person,held,press,press,,unknown,crisis communication,,a newspaper,2026-03-11,2026-03-11,1,\n" +
		"2026-04-18,contact,working,Policy Office,Office for Military Cooperation,video,held,our own note,official,,theirs,visits,,,2026-04-18,2026-04-18,1,\n" +
		"2026-05-02,invitation,principal,Secretary of Defence,Vice Chairman of the Commission,telephone,unanswered,a news agency,anonymous,,ours,calls,,an official,2026-05-20,2026-05-20,1,has not been responsive\n" +
		"2026-05-02,invitation,principal,Secretary of Defence,Vice Chairman of the Commission,telephone,answered,another paper,anonymous,,ours,calls,,a source,2026-05-26,2026-05-26,1,a friendly signal was sent before\n" +
		",contact,senior,Policy Office,Office for Military Cooperation,,held,a memoir,record,,unknown,,,an author,2026-06-01,2026-06-01,1,\n" +
		"2026-06-11,incident,working,\"Commander, Northern Command\",\"Commander, Southern Theatre\",,unknown,press,press,,unknown,close approach,the strait,a ministry,2026-06-12,2026-06-12,2,unsafe\n" +
		"2026-06-14,test,watch,Duty officer,Duty officer,satellite,answered,our own note,official,,ours,,,,2026-06-14,2026-06-14,1,\n",
	"red": contactHead + "2026-02-03,contact,principal,Minister of National Defence,Secretary of Defence,telephone,held,our own note,official,,theirs,first call,,,2026-02-03,2026-02-03,1,\n",
}
