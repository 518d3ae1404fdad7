// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	. "openline/catalogue"
	hand "openline/catalogue/typed"
	"openline/record"
)

type typedCase struct {
	Kind   string   `json:"kind"`
	Values []string `json:"values,omitempty"`
	Typed  string   `json:"typed"`
	Value  any      `json:"value,omitempty"`
	Says   string   `json:"says,omitempty"`
}

func (k typedCase) param() Param { return Param{Name: "x", Kind: Kind(k.Kind), Values: k.Values} }

func TestTypedVectors(t *testing.T) {
	var v struct {
		About    string      `json:"about"`
		Accepted []typedCase `json:"accepted"`
		Refused  []typedCase `json:"refused"`
	}
	readVectors(t, "typed.json", &v)
	for _, k := range v.Accepted {
		want, err := valueOf(k.Value)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := hand.Parse(k.param(), k.Typed, env); err != nil || !got.Equal(want) {
			t.Errorf("%s %q: %v, %v", k.Kind, k.Typed, got, err)
		}
	}
	for i, k := range v.Refused {
		got, err := hand.Parse(k.param(), k.Typed, env)
		if err == nil || got.Kind() != record.KindNone || !*update && err.Error() != k.Says {
			t.Errorf("%s %q: %v, %v\nwant %s", k.Kind, k.Typed, got, err, k.Says)
			continue
		}
		v.Refused[i].Says = err.Error()
	}
	writeVectors(t, "typed.json", v)
}

// typing draws a value of a kind and writes it as the specification says a
// person types it: the model that package typed is held to.
func typing(t *rapid.T, p Param) (record.Value, string) {
	n := func(name string, low, high int64) int64 { return rapid.Int64Range(low, high).Draw(t, name) }
	stamp := func(s int64) string { return time.Unix(s, 0).UTC().Format("2006-01-02T15:04:05Z") }
	word := func() string {
		return rapid.StringMatching(`[a-zà-ÿа-я一-龥]{1,8}( [a-z]{1,8})?`).Draw(t, "word")
	}
	switch p.Kind {
	case "time":
		s := n("time", 0, MaxTime)
		return record.Int(s), stamp(s)
	case "count":
		s := n("count", 0, MaxNumber-1)
		return record.Int(s), fmt.Sprint(s)
	case "duration":
		s := n("duration", 0, MaxDuration)
		return record.Int(s), fmt.Sprintf("%dh%dm%ds", s/3600, s/60%60, s%60)
	case "reason":
		s := n("reason", 1, MaxReason)
		return record.Int(s), fmt.Sprint(s)
	case "text", "name":
		s := word()
		return record.Text(s), s
	case "language":
		s := rapid.StringMatching(`[a-z]{2,3}(-[A-Za-z]{2,8})?`).Draw(t, "language")
		return record.Text(s), s
	case "enum":
		s := rapid.SampledFrom(p.Values).Draw(t, "value")
		return record.Text(s), s
	case "hash":
		b := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "hash")
		return record.Bytes(b), fmt.Sprintf("%x", b)
	case "position":
		lat, lon := n("lat", -90*Degree, 90*Degree), n("lon", -180*Degree, 180*Degree)
		return record.Array(record.Int(lat), record.Int(lon)), fmt.Sprintf("%.5f, %.5f", float64(lat)/Degree, float64(lon)/Degree)
	case "post":
		no, s := n("party", 1, 2), word()
		return record.Array(record.Int(no), record.Text(s)), env[no-1] + ":" + s
	case "ref":
		no, s := n("party", 1, 2), n("number", 1, MaxNumber-1)
		return record.Array(record.Int(no), record.Int(s)), fmt.Sprintf("%s/%d", env[no-1], s)
	case "window":
		a := n("from", 0, MaxTime)
		b := n("to", a, MaxTime)
		return record.Array(record.Int(a), record.Int(b)), stamp(a) + ".." + stamp(b)
	case "hour":
		day, a := n("day", 0, 6), n("from", 0, 1439)
		b := n("to", a+1, 1440)
		name := [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}[day]
		return record.Array(record.Int(day*1440+a), record.Int(day*1440+b)), fmt.Sprintf("%s %02d:%02d-%02d:%02d", name, a/60, a%60, b/60, b%60)
	case "exception":
		a, open := n("from", 0, MaxTime-1), n("open", 0, 1)
		b := n("to", a+1, MaxTime)
		return record.Array(record.Int(a), record.Int(b), record.Int(open)), stamp(a) + ".." + stamp(b) + " " + [...]string{"closed", "open"}[open]
	case "clock":
		level, s := n("precedence", 0, 4), n("length", 1, MaxDuration)
		return record.Array(record.Text("CR01"), record.Int(level), record.Int(s)), "CR01" + [...]string{"", "/flash", "/immediate", "/priority", "/routine"}[level] + fmt.Sprintf(" %ds", s)
	}
	var list []record.Value
	var typed []string
	of, _ := p.Kind.Of()
	for range n("length", 1, 4) {
		v, s := typing(t, Param{Name: p.Name, Kind: of, Values: p.Values})
		list, typed = append(list, v), append(typed, s)
	}
	return record.Array(list...), strings.Join(typed, "; ")
}

func TestTypedRoundTrip(t *testing.T) {
	c := first(t)
	var all []Kind
	for k := range samples {
		all = append(all, k)
	}
	all = append(all, "enum", "choices")
	slices.Sort(all)
	rapid.Check(t, func(t *rapid.T) {
		p := Param{Name: "x", Kind: rapid.SampledFrom(all).Draw(t, "kind"), Values: []string{"voice", "video"}}
		want, typed := typing(t, p)
		got, err := hand.Parse(p, typed, env)
		if err != nil || !got.Equal(want) {
			t.Fatalf("%s %q: %v, %v", p.Kind, typed, got, err)
		}
		for _, lang := range c.Languages() {
			if s := c.FormatParam(lang, p, got, env); s == None || !isolatesBalance(s) {
				t.Fatalf("%s %q is shown as %q in %s", p.Kind, typed, s, lang)
			}
		}
	})
}

// What two values show must not be the same where the values differ: nobody
// may accept one hour and mean another.
func TestShownApart(t *testing.T) {
	c := first(t)
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom([]Kind{"time", "count", "duration", "reason", "window", "position", "post", "ref", "hours", "exceptions", "clocks", "languages"}).Draw(t, "kind")
		p := Param{Name: "x", Kind: k}
		a, _ := typing(t, p)
		b, _ := typing(t, p)
		if c.FormatParam("en", p, a, env) == c.FormatParam("en", p, b, env) && !a.Equal(b) {
			t.Fatalf("%v and %v show alike", a, b)
		}
	})
}

func TestFormats(t *testing.T) {
	c := first(t)
	for _, tc := range []struct {
		kind  Kind
		typed string
		want  string
	}{
		{"time", "2021-05-21T10:41Z", "2021-05-21 10:41Z"}, {"time", "2021-05-21T10:41:30Z", "2021-05-21 10:41:30Z"},
		{"duration", "0s", "0 s"}, {"duration", "168h", "168 h"}, {"duration", "1h30m", "1 h 30 min"}, {"duration", "90s", "1 min 30 s"},
		{"reason", "12", "reason not given"}, {"hash", strings.Repeat("1f", 32), "1f1f1f1f1f1f1f1f…"}, {"post", "red:minister", "«red minister»"},
		{"position", "24.5,-119.7", "24.5°N 119.7°W"}, {"position", "-0.00001,0", "0.00001°S 0°E"}, {"ref", "red/310", "red/310"},
		{"hours", "mon 01:00-10:00; sun 00:00-24:00", "1/01:00Z to 1/10:00Z; 7/00:00Z to 7/24:00Z"},
		{"exceptions", "2021-05-01..2021-05-03 closed; 2021-05-08..2021-05-09 open", "2021-05-01 00:00Z to 2021-05-03 00:00Z closed; 2021-05-08 00:00Z to 2021-05-09 00:00Z open"},
		{"clocks", "CR01 24h; CR01/flash 2h", "CR01 24 h; CR01 FLASH 2 h"}, {"names", "a; b", "«a»; «b»"},
	} {
		p := Param{Name: "x", Kind: tc.kind}
		v, err := hand.Parse(p, tc.typed, env)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.FormatParam("en", p, v, env); got != tc.want {
			t.Errorf("%s %q is shown as %q, not %q", tc.kind, tc.typed, got, tc.want)
		}
	}
	for k, want := range map[Kind]string{"results": "«tls» 12/12", "held": "red 310 (2021-05-21 10:41Z)"} {
		if got := c.FormatParam("en", Param{Kind: k}, filled[k], env); got != want {
			t.Errorf("%s is shown as %q", k, got)
		}
	}
	if got := c.FormatParam("en", Param{Kind: "clocks"}, record.Array(), env); got != "–" {
		t.Errorf("an empty list is shown as %q", got)
	}
}
