// SPDX-License-Identifier: Apache-2.0

package catalogue_test

import (
	"encoding/hex"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	. "openline/catalogue"
)

// firstRelease is the list of DESIGN's first release: a code that is missing
// or came in unasked is a change of what parties agree on.
const firstRelease = `LT01 LT02 LT03 LT04 LT05 LT06 RC01 RC02 RC03 RC04 RC05 RC06 HD01 HD02 HD03 HD04 HD05 CR01 CR02 CR03 CR04 CR05
NT01 NT02 NT05 IN01 IN03 IN06 DS01 TX01 RQ01 AN01 AN02 AN03 AF01 AF02 WL01 WL02 PR01 PR02 TR01 CP04 ER01 HX01 PO01 WD01 RM01 AD01 CK01 KY01 KY02`

func TestFirstRelease(t *testing.T) {
	c := first(t)
	want := strings.Fields(firstRelease)
	slices.Sort(want)
	if !slices.Equal(c.Codes(), want) {
		t.Errorf("codes are\n%v, not\n%v", c.Codes(), want)
	}
}

// The files of the first release, version 1, are pinned: agreements name
// their digest, so they are never changed, only followed by others. No flag
// writes this one anew.
const pinned = "dc887b791ae354a4d40df0edc4f79778066dedba9351fb2167d413735aad501d"

func TestFilesArePinned(t *testing.T) {
	if d := first(t).Digest(); hex.EncodeToString(d[:]) != pinned {
		t.Errorf("the first release is now %x; agreements name %s", d, pinned)
	}
	for name, c := range map[string]*Catalogue{"first": first(t), "affairs": withAffairs(t)} {
		file := vectors + name + ".manifest"
		if *update {
			if err := os.WriteFile(file, c.Manifest(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(want) != string(c.Manifest()) {
			t.Errorf("%s: the manifest is\n%s, not\n%s", name, c.Manifest(), want)
		}
	}
}

func TestDigestIsOfTheManifest(t *testing.T) {
	c, err := Load(map[string][]byte{"phrases.toml": []byte("")})
	if err != nil {
		t.Fatal(err)
	}
	const manifest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  phrases.toml\n"
	if string(c.Manifest()) != manifest {
		t.Errorf("manifest %q", c.Manifest())
	}
	const digest = "cabebfb2cc136f3f6f306c98838a1e03d2bae0063584bc8bba5069d97feff54f"
	if d := c.Digest(); hex.EncodeToString(d[:]) != digest {
		t.Errorf("digest %x", d)
	}
}

// Who may say what, and what counts as a reply, decides folds and extracts.
func TestRepliesAsSpecified(t *testing.T) {
	c := first(t)
	replies := strings.Fields("AF01 AF02 AN01 AN02 AN03 CR02 CR03 HD01 HD02 HD03 HD04 HD05 PR01 PR02 TR01 TX01 WL01 WL02")
	asks := strings.Fields("AN01 CP04 CR01 CR03 CR05 DS01 IN01 LT06 PR02 RC04 RC05 RM01 RQ01")
	holds := strings.Fields("HD01 HD02 TR01")
	always := strings.Fields("DS01 HX01 IN01 IN03 IN06")
	for _, code := range c.Codes() {
		p, _ := c.Phrase(code)
		for _, f := range []struct {
			name string
			is   bool
			of   []string
		}{{"replies", p.Replies, replies}, {"asks", p.Asks(), asks}, {"holds", p.Holds, holds}, {"always", p.AlwaysRuns, always},
			{"withdraws", p.Withdraws, []string{"WD01"}}, {"corrects", p.Corrects, []string{"ER01", "NT05"}}, {"confirms", p.Confirms, []string{"AN02"}}, {"needs text", p.NeedsText, []string{"TX01"}}} {
			if f.is != slices.Contains(f.of, code) {
				t.Errorf("%s: %s is %v", code, f.name, f.is)
			}
		}
		if p.Replies && p.Re == "none" {
			t.Errorf("%s counts as a reply and names nothing", code)
		}
	}
	rq, _ := c.Phrase("RQ01")
	if got := strings.Join(rq.Permits, " "); got != "RC02 HD01 HD02 HD03 HD04 HD05 AN01 PR01 TR01" {
		t.Errorf("RQ01 permits %s", got)
	}
	cr, _ := c.Phrase("CR01")
	if !cr.Permitted("CR02") || !cr.Permitted("CR03") || cr.Permitted("AF01") {
		t.Errorf("CR01 permits %v", cr.Permits)
	}
	for code, who := range map[string]Who{"LT01": Machine, "KY01": Machine, "KY02": Machine, "AD01": TwoPersons, "IN03": TwoPersons, "HD05": Officer, "ER01": Watch, "HX01": Watch, "IN06": Watch} {
		if p, _ := c.Phrase(code); p.Who != who {
			t.Errorf("%s is for %s", code, p.Who)
		}
	}
	if Who(0).String() != "unknown" || Who(9).String() != "unknown" || TwoPersons.String() != "two persons" {
		t.Error("names of who")
	}
}

// mutation is the first release with one place changed.
type mutation struct {
	Name    string `json:"name"`
	File    string `json:"file"`
	Find    string `json:"find"`
	Replace string `json:"replace"`
	Says    string `json:"says"`
}

func (m mutation) apply(t testing.TB, files map[string][]byte) map[string][]byte {
	t.Helper()
	out := maps.Clone(files)
	switch text := string(out[m.File]); {
	case m.Find == "":
		out[m.File] = []byte(m.Replace)
	case strings.Count(text, m.Find) < 1:
		t.Fatalf("%s: %q is not in %s", m.Name, m.Find, m.File)
	default:
		out[m.File] = []byte(strings.Replace(text, m.Find, m.Replace, 1))
	}
	return out
}

func TestLoadVectors(t *testing.T) {
	files, err := DefaultFiles()
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		About   string     `json:"about"`
		Refused []mutation `json:"refused"`
	}
	readVectors(t, "load.json", &v)
	for i, m := range v.Refused {
		c, err := Load(m.apply(t, files))
		if err == nil || c != nil || !*update && err.Error() != m.Says {
			t.Errorf("%s: %v\nwant %s", m.Name, err, m.Says)
			continue
		}
		v.Refused[i].Says = err.Error()
	}
	writeVectors(t, "load.json", v)
}

func TestLoadBounds(t *testing.T) {
	if _, err := Load(map[string][]byte{"phrases.toml": make([]byte, MaxFile+1)}); err == nil || err.Error() != "catalogue phrases.toml is larger than 1048576 bytes" {
		t.Errorf("a large file: %v", err)
	}
	many := map[string][]byte{}
	for i := range MaxFiles + 1 {
		many["phrases-"+string(rune('a'+i/26))+string(rune('a'+i%26))+".toml"] = nil
	}
	if _, err := Load(many); err == nil || err.Error() != "a catalogue has at most 64 files, not 65" {
		t.Errorf("many files: %v", err)
	}
}

// What the caller does with its maps afterwards changes no catalogue.
func TestCatalogueDoesNotChange(t *testing.T) {
	files, err := DefaultFiles()
	if err != nil {
		t.Fatal(err)
	}
	c, err := Load(files)
	if err != nil {
		t.Fatal(err)
	}
	before := c.Digest()
	clear(files)
	clear(c.Files())
	if c.Digest() != before {
		t.Error("the catalogue changed with a map handed out")
	}
}
