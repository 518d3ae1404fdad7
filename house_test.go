// SPDX-License-Identifier: Apache-2.0

// Package openline_test holds the rules of the house: which room stands on
// which, what the pure rooms may not do, and how large the core may grow.
//
// It is never changed to make a build pass. Who changes it writes a decision
// record under docs/decisions that says why, and the test names it.
package openline_test

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "openline/"

// floors says on which floor each room stands. Arrows only fall: a room
// imports rooms of lower floors only, and its own sub-rooms. A sub-room that
// is listed is a room of its own, with its own floor, imports and lines.
var floors = map[string]int{
	"identity": 1, "identity/secret": 2, "record": 1, "internal/bearer/tls": 1,
	"catalogue": 2, "tlog": 2, "link": 2,
	"agreement": 3, "mirror": 3,
	"line": 4, "extract": 4,
	"catalogue/typed": 3, "tlog/evidence": 3, "internal/keys": 3, "agreement/draft": 4, "extract/gather": 5,
	"internal/store": 5, "internal/desk": 5, "internal/home": 6,
	"internal/station": 6, "internal/story": 6,
	"internal/host": 7, "internal/sim": 7,
	"internal/alert": 8, "internal/api": 8, "internal/console": 8,
	"internal/boot": 9,
	"internal/demo": 10, "internal/bench": 10,
	"cmd/openline":   11,
	"spec/model":     1,
	"testing/second": 10, // tests only (docs/decisions/0008)
}

// core is what a reader must trust to trust `openline verify`, and mirror.
// What only says, signs or exports stands beside it in a room of its own,
// which the core does not import (docs/decisions/0003).
// No goroutine, lock, clock, random source, file, socket, environment or
// logger; and only the outside packages that deps.txt names with a reason.
var core = []string{"identity", "record", "catalogue", "tlog", "agreement", "mirror", "extract"}

// pure rooms take time and randomness as arguments and give effects back in
// order, so that a simulation replays exactly from its seed.
var pure = append(slices.Clone(core), "identity/secret", "catalogue/typed", "tlog/evidence", "agreement/draft", "extract/gather", "link", "line", "internal/desk", "internal/station")

// Lines of code, blank lines and comments left out (docs/decisions/0003).
var budgets = []struct {
	rooms []string
	lines int
}{
	{core, 7350}, // docs/decisions/0026
	{[]string{"link"}, 1500},
	{[]string{"line"}, 5500}, // docs/decisions/0009
}

// banned packages and calls of the pure rooms.
var bannedImports = map[string]string{
	"os": "files and environment are the host's", "net": "sockets are the bearer's", "net/http": "the host's", "sync": "one owner, no locks",
	"sync/atomic": "one owner, no locks", "math/rand": "randomness comes in as an argument", "math/rand/v2": "randomness comes in as an argument",
	"crypto/rand": "randomness comes in as an argument", "log": "effects, not logs", "log/slog": "effects, not logs", "context": "the host's",
	"unsafe": "never", "os/exec": "never", "runtime": "the host's", "database/sql": "the store's",
}

var bannedCalls = map[string][]string{
	"time": {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "LoadLocation", "Local"},
}

type source struct {
	room, file string
	ast        *ast.File
	fset       *token.FileSet
}

// sources parses every Go file that is not a test.
func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); n == "testdata" || n == "build" || n == "node_modules" || strings.HasPrefix(n, ".") && n != "." {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil && p != "." {
				return filepath.SkipDir // a module of its own
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		out = append(out, source{room: filepath.ToSlash(filepath.Dir(p)), file: filepath.ToSlash(p), ast: f, fset: fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// roomOf is the room a folder belongs to: itself, or the nearest folder
// above that has a floor.
func roomOf(dir string) (string, bool) {
	for d := dir; d != "." && d != "/"; d = path.Dir(d) {
		if _, ok := floors[d]; ok {
			return d, true
		}
	}
	return "", false
}

func imports(s source) []string {
	var out []string
	for _, i := range s.ast.Imports {
		out = append(out, strings.Trim(i.Path.Value, `"`))
	}
	return out
}

func TestArrowsFall(t *testing.T) {
	for _, s := range sources(t) {
		from, ok := roomOf(s.room)
		if !ok {
			t.Errorf("%s: the room %s stands on no floor; give it one by a decision record", s.file, s.room)
			continue
		}
		for _, imp := range imports(s) {
			dir, ours := strings.CutPrefix(imp, module)
			if !ours {
				continue
			}
			to, ok := roomOf(dir)
			if !ok {
				t.Errorf("%s imports %s, which stands on no floor", s.file, imp)
				continue
			}
			if to != from && floors[to] >= floors[from] {
				t.Errorf("%s: %s (floor %d) imports %s (floor %d)", s.file, from, floors[from], to, floors[to])
			}
			if strings.HasPrefix(to, "internal/") && !strings.HasPrefix(from, "internal/") && !strings.HasPrefix(from, "cmd/") {
				t.Errorf("%s: a top-level room imports %s; what the parties agree on stands on nobody's own business", s.file, to)
			}
		}
	}
}

// The core imports nothing of ours that is not core: what is counted is all
// there is to read.
func TestCoreIsClosed(t *testing.T) {
	for _, s := range sources(t) {
		if room, _ := roomOf(s.room); !slices.Contains(core, room) || strings.HasSuffix(s.room, "test") {
			continue
		}
		for _, imp := range imports(s) {
			if dir, ours := strings.CutPrefix(imp, module); ours {
				if to, _ := roomOf(dir); !slices.Contains(core, to) {
					t.Errorf("%s: the core imports %s", s.file, imp)
				}
			}
		}
	}
}

// deps reads deps.txt: "room  package  reason".
func deps(t *testing.T) map[string]map[string]bool {
	t.Helper()
	f, err := os.Open("deps.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]map[string]bool{}
	for sc := bufio.NewScanner(f); sc.Scan(); {
		line := sc.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) < 3 {
			t.Fatalf("deps.txt: %q gives no reason", line)
		}
		if out[fields[0]] == nil {
			out[fields[0]] = map[string]bool{}
		}
		out[fields[0]][fields[1]] = true
	}
	return out
}

func outside(imp string) bool {
	first, _, _ := strings.Cut(imp, "/")
	return strings.Contains(first, ".")
}

// A new outside package, anywhere, is a line in deps.txt and so a diff in
// review.
func TestOutsidePackages(t *testing.T) {
	listed, used := deps(t), map[string]map[string]bool{}
	for _, s := range sources(t) {
		room, _ := roomOf(s.room)
		for _, imp := range imports(s) {
			if !outside(imp) {
				continue
			}
			if used[room] == nil {
				used[room] = map[string]bool{}
			}
			used[room][imp] = true
			if !listed[room][imp] {
				t.Errorf("%s imports %s, which deps.txt does not list for %s", s.file, imp, room)
			}
		}
	}
	for room, list := range listed {
		for imp := range list {
			if !used[room][imp] {
				t.Errorf("deps.txt lists %s for %s, which does not import it", imp, room)
			}
		}
	}
}

func TestPureRooms(t *testing.T) {
	for _, s := range sources(t) {
		room, _ := roomOf(s.room)
		// A sub-room named …test serves tests only and runs in no station.
		if !slices.Contains(pure, room) || strings.HasSuffix(s.room, "test") {
			continue
		}
		for _, imp := range imports(s) {
			if why, ok := bannedImports[imp]; ok {
				t.Errorf("%s imports %s: %s", s.file, imp, why)
			}
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				t.Errorf("%s: a pure room starts a goroutine", s.fset.Position(n.Pos()))
			case *ast.SelectorExpr:
				if p, ok := n.X.(*ast.Ident); ok && p.Obj == nil && slices.Contains(bannedCalls[p.Name], n.Sel.Name) {
					t.Errorf("%s: %s.%s in a pure room", s.fset.Position(n.Pos()), p.Name, n.Sel.Name)
				}
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					t.Errorf("%s: a pure room has an init function", s.fset.Position(n.Pos()))
				}
			}
			return true
		})
	}
}

// codeLines counts the lines of a file that hold code.
func codeLines(t *testing.T, file string) int {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for l := range strings.Lines(string(b)) {
		l = strings.TrimSpace(l)
		if l != "" && !strings.HasPrefix(l, "//") {
			n++
		}
	}
	return n
}

func TestBudgets(t *testing.T) {
	lines := map[string]int{}
	for _, s := range sources(t) {
		room, _ := roomOf(s.room)
		if !strings.HasSuffix(s.room, "test") {
			lines[room] += codeLines(t, s.file)
		}
	}
	for _, b := range budgets {
		n := 0
		for _, r := range b.rooms {
			n += lines[r]
		}
		t.Logf("%s: %d of %d lines", strings.Join(b.rooms, " "), n, b.lines)
		if n > b.lines {
			t.Errorf("%s: %d lines of code, %d are allowed", strings.Join(b.rooms, " "), n, b.lines)
		}
	}
}

// Every package says what it is for, and every file whose licence it is
// under, before anything else.
func TestEveryRoomIntroducesItself(t *testing.T) {
	docs := map[string]bool{}
	for _, s := range sources(t) {
		b, err := os.ReadFile(s.file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(b), "// SPDX-License-Identifier: Apache-2.0\n") {
			t.Errorf("%s does not begin with the licence line", s.file)
		}
		docs[s.room] = docs[s.room] || s.ast.Doc != nil
	}
	for room, ok := range docs {
		if !ok {
			t.Errorf("package %s has no package comment", room)
		}
	}
}

// A package comment that names a specification names one that is there.
func TestSpecificationsExist(t *testing.T) {
	for _, s := range sources(t) {
		if s.ast.Doc == nil {
			continue
		}
		for _, w := range strings.FieldsFunc(s.ast.Doc.Text(), func(r rune) bool { return strings.ContainsRune(" ,;.()\n\t", r) && r != '.' }) {
			w = strings.TrimSuffix(w, ".")
			if !strings.HasPrefix(w, "spec/") && !strings.HasPrefix(w, "docs/") {
				continue
			}
			if _, err := os.Stat(w); err != nil {
				t.Errorf("%s names %s, which is not there", s.file, w)
			}
		}
	}
}

// No file or function outgrows what can be read at once without a reason
// written beside it ("Long:").
func TestNothingIsTooLong(t *testing.T) {
	for _, s := range sources(t) {
		tf := s.fset.File(s.ast.Pos())
		if tf.LineCount() > 400 && !hasReason(s.ast) {
			t.Errorf("%s has %d lines", s.file, tf.LineCount())
		}
		for _, d := range s.ast.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			n := tf.Line(f.Body.End()) - tf.Line(f.Body.Pos())
			if n > 60 && !strings.Contains(f.Doc.Text(), "Long:") {
				t.Errorf("%s: %s has %d lines", s.fset.Position(f.Pos()), f.Name.Name, n)
			}
		}
	}
}

func hasReason(f *ast.File) bool {
	for _, c := range f.Comments {
		if strings.Contains(c.Text(), "Long:") {
			return true
		}
	}
	return false
}

// Links between documents lead somewhere.
func TestDocumentLinks(t *testing.T) {
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "build" || d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && p != ".") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(p, ".md") {
			return nil
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		for _, target := range linksIn(string(b)) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(p), target)); err != nil {
				t.Errorf("%s links to %s, which is not there", p, target)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func linksIn(text string) []string {
	var out []string
	for {
		_, rest, ok := strings.Cut(text, "](")
		if !ok {
			return out
		}
		target, after, ok := strings.Cut(rest, ")")
		if !ok {
			return out
		}
		text = after
		target, _, _ = strings.Cut(target, "#")
		if target == "" || strings.Contains(target, ":") || strings.ContainsAny(target, " \n") {
			continue
		}
		out = append(out, target)
	}
}
