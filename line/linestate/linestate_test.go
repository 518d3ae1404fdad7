// SPDX-License-Identifier: Apache-2.0

package linestate

import (
	"strings"
	"testing"
	"time"

	"openline/line"
	"openline/record"
)

func at(s string) record.Stamp {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return record.Stamp(t.Unix())
}

func words(t *testing.T, tag string) *Words {
	t.Helper()
	w, err := Language(tag)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// the2021 is how the line of the founding report stood on 21 May 2021.
var the2021 = Input{
	Bearers: []Bearer{{"tls", true}}, ReceiptSince: at("2021-05-21 11:50"),
	Person: at("2021-05-21 09:31"), Machine: at("2021-05-21 11:50"), Declared: true, DeskOpen: true, DeskUntil: at("2021-05-21 16:00"),
	AwaitThem: 3, OldestOurs: at("2021-02-02 14:00"), LastReply: at("2021-01-20 10:00"),
}

// TestTheExactCase is the case DESIGN section 4 holds the room to.
func TestTheExactCase(t *testing.T) {
	got := words(t, "en").Plain(Of(the2021), at("2021-05-21 12:00"))
	want := "They can hear us. Someone is at the desk. No office has replied on this line since 20 January; no reason was given."
	if s := strings.Join(got[:], " "); s != want {
		t.Fatalf("%s\nnot\n%s", s, want)
	}
}

func TestSentences(t *testing.T) {
	w := words(t, "en")
	base := Input{Bearers: []Bearer{{"tls", true}}, ReceiptSince: at("2021-03-01 10:00"), Person: at("2021-03-01 09:30"), Machine: at("2021-03-01 10:00")}
	for name, c := range map[string]struct {
		change func(*Input)
		wire   string
		watch  string
		office string
	}{
		"carried": {func(*Input) {}, "Carried by 1 of 1 bearers.", "A person answered at 2021-03-01 09:30Z.", "Nothing awaits either side."},
		"two of three": {func(in *Input) {
			in.Bearers = []Bearer{{"tls", true}, {"quic", false}, {"serial", true}}
			in.AwaitUs = 1
		}, "Carried by 2 of 3 bearers.", "", "1 request awaits us."},
		"cut":               {func(in *Input) { in.Bearers[0].Up = false; in.CutSince = at("2021-03-01 10:05") }, "Cut since 2021-03-01 10:05Z.", "", ""},
		"receipts withheld": {func(in *Input) { in.Unreceipted = true }, "Their station answers; no receipt signed since 2021-03-01 10:00Z.", "", ""},
		"never receipted":   {func(in *Input) { in.Unreceipted = true; in.ReceiptSince = 0 }, "Their station answers; no receipt signed yet.", "", ""},
		"two histories":     {func(in *Input) { in.TwoHistories = true }, "Two histories were shown; the proof is kept.", "", ""},
		"never":             {func(in *Input) { *in = Input{} }, "Not connected yet.", "Nothing is known of their desk yet.", ""},
		"only the machine":  {func(in *Input) { in.Machine = in.Person + personFresh + 1 }, "", "Only the machine has answered since 2021-03-01 09:30Z.", ""},
		"nobody yet":        {func(in *Input) { in.Person = 0 }, "", "Only the machine has answered yet.", ""},
		"desk closed": {func(in *Input) { in.Declared = true; in.DeskUntil = at("2021-03-02 08:00") }, "", "Desk closed until 2021-03-02 08:00Z, as declared.",
			""},
		"closed for good": {func(in *Input) { in.Declared = true }, "", "Desk closed, as declared; no hour of opening is given.", ""},
		"both await": {func(in *Input) {
			in.AwaitThem, in.AwaitUs, in.OldestOurs, in.LastReply = 2, 1, at("2021-02-02 14:00"), at("2021-02-20 10:00")
		}, "", "",
			"2 requests await them, the oldest since 2021-02-02 14:00Z; 1 request awaits us."},
		"no office since": {func(in *Input) {
			in.AwaitThem, in.OldestOurs, in.LastReply = 1, at("2021-02-02 14:00"), at("2021-01-20 10:00")
		}, "", "",
			"No office has replied on this line since 20 January 2021; no reason was given. 1 request awaits them, the oldest since 2021-02-02 14:00Z; none awaits us."},
		"no office yet": {func(in *Input) { in.AwaitThem, in.OldestOurs = 1, at("2021-02-02 14:00") }, "", "",
			"No office has replied on this line yet; no reason was given. 1 request awaits them, the oldest since 2021-02-02 14:00Z; none awaits us."},
		"a reason was given": {func(in *Input) { in.AwaitThem, in.OldestOurs, in.Reason = 1, at("2021-02-02 14:00"), true }, "", "",
			"1 request awaits them, the oldest since 2021-02-02 14:00Z."},
	} {
		t.Run(name, func(t *testing.T) {
			in := base
			in.Bearers = append([]Bearer(nil), base.Bearers...)
			c.change(&in)
			s := Of(in)
			for what, pair := range map[string][2]string{"wire": {w.Say(s.Wire), c.wire}, "watch": {w.Say(s.Watch), c.watch}, "offices": {w.Say(s.Offices), c.office}} {
				if pair[1] != "" && pair[0] != pair[1] {
					t.Errorf("%s: %q, not %q", what, pair[0], pair[1])
				}
			}
		})
	}
}

// TestReasons: each sentence names what it stands on, and nothing unknown.
func TestReasons(t *testing.T) {
	s := Of(the2021)
	w := words(t, "en")
	var got []string
	for _, x := range []Sentence{s.Wire, s.Watch, s.Offices} {
		for _, r := range x.Reasons {
			got = append(got, w.SayReason(r))
		}
	}
	want := []string{"tls carries.", "Newest receipt signed by them: 2021-05-21 11:50Z.", "Newest record by a person of theirs: 2021-05-21 09:31Z.",
		"Newest time signed by their station: 2021-05-21 11:50Z.", "By their declared hours the desk is open until 2021-05-21 16:00Z.",
		"3 requests await them, the oldest since 2021-02-02 14:00Z.", "Newest reply by an office of theirs: 2021-01-20 10:00Z."}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Fatalf("%s", strings.Join(got, "\n"))
	}
	for _, x := range []Sentence{Of(Input{}).Wire, Of(Input{}).Watch, Of(Input{}).Offices} {
		if len(x.Reasons) > 0 {
			t.Errorf("reasons of what is not known: %+v", x.Reasons)
		}
	}
}

func TestEveryLanguage(t *testing.T) {
	if got := strings.Join(Languages(), " "); got != "ar en es fr ja ko ru zh" {
		t.Fatalf("languages: %s", got)
	}
	for _, tag := range Languages() {
		w := words(t, tag)
		for _, in := range []Input{{}, the2021} {
			s := Of(in)
			for _, text := range []string{w.Say(s.Wire), w.Say(s.Watch), w.Say(s.Offices)} {
				if text == "" || strings.ContainsAny(text, "{}") {
					t.Errorf("%s: %q", tag, text)
				}
			}
		}
	}
}

func TestPlurals(t *testing.T) {
	for _, c := range []struct {
		tag  string
		n    int
		want string
	}{
		{"en", 0, "no request awaits them"}, {"en", 1, "1 request awaits them"}, {"en", 2, "2 requests await them"}, {"en", 21, "21 requests await them"},
		{"fr", 0, "aucune demande n'attend leur réponse"}, {"fr", 1, "1 demande attend leur réponse"}, {"fr", 2, "2 demandes attendent leur réponse"},
		{"fr", 1_000_000, "1000000 de demandes attendent leur réponse"}, {"es", 1, "1 solicitud espera su respuesta"}, {"es", 3, "3 solicitudes esperan su respuesta"},
		{"ru", 1, "1 запрос ждёт их ответа"}, {"ru", 3, "3 запроса ждут их ответа"}, {"ru", 5, "5 запросов ждут их ответа"}, {"ru", 11, "11 запросов ждут их ответа"},
		{"ru", 21, "21 запрос ждёт их ответа"}, {"ru", 112, "112 запросов ждут их ответа"}, {"ru", 122, "122 запроса ждут их ответа"},
		{"ar", 1, "طلب واحد ينتظر ردهم"}, {"ar", 2, "طلبان ينتظران ردهم"}, {"ar", 3, "3 طلبات تنتظر ردهم"}, {"ar", 11, "11 طلبًا ينتظر ردهم"}, {"ar", 100, "100 طلب ينتظر ردهم"},
		{"zh", 1, "1项请求待对方答复"}, {"zh", 7, "7项请求待对方答复"},
		{"ko", 0, "상대측의 답을 기다리는 요청 없음"}, {"ko", 1, "상대측의 답을 기다리는 요청 1건"}, {"ko", 21, "상대측의 답을 기다리는 요청 21건"},
		{"ja", 0, "先方の回答を待つ要請はなし"}, {"ja", 1, "先方の回答を待つ要請1件"}, {"ja", 21, "先方の回答を待つ要請21件"},
	} {
		if got := words(t, c.tag).count("await_them", c.n); got != c.want {
			t.Errorf("%s %d: %q, not %q", c.tag, c.n, got, c.want)
		}
	}
}

func TestDates(t *testing.T) {
	for _, c := range []struct{ tag, date, want string }{
		{"en", "2021-01-20 10:00", "20 January"}, {"fr", "2021-05-01 10:00", "1er mai"}, {"es", "2021-01-20 10:00", "20 de enero"},
		{"ru", "2021-01-20 10:00", "20 января"}, {"zh", "2021-01-20 10:00", "1月20日"}, {"ar", "2021-01-20 10:00", "20 كانون الثاني/يناير"},
		{"en", "2020-12-31 23:59", "31 December 2020"}, {"zh", "2020-12-31 23:59", "2020年12月31日"},
		{"ko", "2021-01-20 10:00", "1월 20일"}, {"ko", "2020-12-31 23:59", "2020년 12월 31일"}, {"ja", "2021-01-20 10:00", "1月20日"}, {"ja", "2020-12-31 23:59", "2020年12月31日"},
	} {
		if got := words(t, c.tag).date(at(c.date), at("2021-05-21 12:00")); got != c.want {
			t.Errorf("%s: %q, not %q", c.tag, got, c.want)
		}
	}
}

// evaluative are words that judge a party; none stands in any sentence.
var evaluative = map[string][]string{
	"en": {"refus", "ignor", "fail", "violat", "aggress", "provo", "overdue", "late ", "unanswered", "again", "silent", "silence", "fault", "bad ", "should", "must"},
	"fr": {"refus", "ignor", "échec", "échou", "viol", "agress", "provo", "retard", "silence", "faute", "encore une fois", "doit"},
	"es": {"rechaz", "neg", "ignor", "fracas", "viola", "agres", "provoc", "retras", "tard", "silencio", "culpa", "otra vez", "debe"},
	"ru": {"отказ", "игнор", "провал", "наруш", "агресс", "провок", "опозд", "просроч", "молч", "вин", "снова", "должн"},
	"zh": {"拒", "无视", "忽视", "失败", "违", "侵", "挑衅", "逾期", "迟", "沉默", "错", "再次", "必须"},
	"ko": {"거부", "거절", "무시", "실패", "위반", "침략", "도발", "지연", "늦", "침묵", "잘못", "다시", "해야"},
	"ja": {"拒", "無視", "失敗", "違", "侵", "挑発", "遅", "沈黙", "過失", "誤", "再び", "べき"},
	"ar": {"رفض", "تجاهل", "فشل", "انتهاك", "عدوان", "استفزاز", "تأخر", "متأخر", "صمت", "خطأ", "مجدد", "يجب"},
}

func TestNoSentenceEvaluates(t *testing.T) {
	for _, tag := range Languages() {
		w := words(t, tag)
		if len(evaluative[tag]) == 0 {
			t.Errorf("%s has no list of words", tag)
		}
		check := func(key, s string) {
			for _, bad := range evaluative[tag] {
				if strings.Contains(strings.ToLower(s)+" ", bad) {
					t.Errorf("%s: %s has %q: %s", tag, key, bad, s)
				}
			}
		}
		for key, s := range w.doc.Sentence {
			check(key, s)
		}
		for name, forms := range w.doc.Count {
			for form, s := range forms {
				check(name+"."+form, s)
			}
		}
	}
}

// TestMirrorImage: what is said of their clock and of ours differs in whose
// it is and in nothing else.
func TestMirrorImage(t *testing.T) {
	for _, tag := range Languages() {
		w := words(t, tag)
		for _, k := range clockKinds {
			theirs, ours := w.doc.Sentence["clock.theirs"+k], w.doc.Sentence["clock.ours"+k]
			swapped := theirs
			for _, pair := range w.doc.Mirror {
				swapped = strings.ReplaceAll(swapped, pair[0], pair[1])
			}
			if swapped != ours {
				t.Errorf("%s %s: theirs, swapped, is\n%s\nours is\n%s", tag, k, swapped, ours)
			}
			if theirs == ours {
				t.Errorf("%s %s does not say whose clock it is", tag, k)
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	good, err := data.ReadFile("data/en.toml")
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"a sentence is missing":       {`"wire.never" = "Not connected yet."`, ``},
		"a placeholder is not used":   {`Cut since {since}.`, `Cut.`},
		"a placeholder is unknown":    {`Not connected yet.`, `Not connected since {when}.`},
		"a placeholder is not closed": {`Not connected yet.`, `Not connected since {since`},
		"an unknown sentence":         {`"wire.never"`, "\"wire.other\" = \"x\"\n\"wire.never\""},
		"a plural form is missing":    {`one = "{n} request awaits us"`, ``},
		"a plural form lacks {n}":     {`other = "{n} requests await us"`, `other = "requests await us"`},
		"the form for none":           {`none = "none awaits us"`, ``},
		"an unknown key":              {`plurals = "english"`, "plurals = \"english\"\ncolour = \"blue\""},
		"an unknown plural rule":      {`plurals = "english"`, `plurals = "klingon"`},
		"eleven months":               {`"January", `, ``},
	} {
		s := strings.Replace(string(good), change[0], change[1], 1)
		if s == string(good) {
			t.Fatalf("%s: nothing was changed", name)
		}
		if _, err := parse([]byte(s)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := Language("xx"); err == nil {
		t.Error("a language without words")
	}
}

func TestClockOfNobody(t *testing.T) {
	if s := words(t, "en").SayClock(line.Reckoned{}, false); s != "" {
		t.Errorf("a clock nobody has: %q", s)
	}
}

// TestHoursAreIsolated: in a sentence from right to left an hour is read as
// written, not 21-05-2021.
func TestHoursAreIsolated(t *testing.T) {
	for _, tag := range Languages() {
		w := words(t, tag)
		s := Of(the2021)
		said := []string{w.Say(s.Wire), w.Say(s.Watch), w.Say(s.Offices), w.SayClock(line.Reckoned{State: line.Past, Due: at("2021-02-25 14:00"), Shown: line.Signature{At: at("2021-05-21 18:30")}}, false)}
		for _, x := range []Sentence{s.Wire, s.Watch, s.Offices} {
			for _, r := range x.Reasons {
				said = append(said, w.SayReason(r))
			}
		}
		for _, text := range said {
			hours, isolated := strings.Count(text, "Z"), strings.Count(text, "Z\u2069")
			if w.doc.RTL && hours != isolated || !w.doc.RTL && strings.Contains(text, "\u2068") || strings.Count(text, "\u2068") != strings.Count(text, "\u2069") {
				t.Errorf("%s: %q", tag, text)
			}
		}
		if w.doc.RTL != (tag == "ar") {
			t.Errorf("%s runs from right to left: %v", tag, w.doc.RTL)
		}
	}
}
