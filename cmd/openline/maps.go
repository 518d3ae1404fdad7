// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"openline/internal/api"
	"openline/internal/desk/acts"
	"openline/internal/desk/mapping"
	"openline/line/incident"
)

// features are the incidents and notices of a line with their places.
func (o *online) features(ctx context.Context, client *api.Client, line string, list api.Named[[]incident.Incident]) ([]mapping.Feature, error) {
	st, err := client.LineStatus(ctx, line, "en")
	if err != nil {
		return nil, err
	}
	zones, err := client.Zones(ctx, line)
	if err != nil {
		return nil, err
	}
	names, err := fullNames(ctx, client, st)
	if err != nil {
		return nil, err
	}
	var out []mapping.Feature
	for _, in := range list.Affairs {
		if in.Opening.Code == "IN04" || in.Opening.Code == "DS02" {
			continue // among the zones
		}
		out = append(out, incidentFeature(list.Parties, names, st.Standing == "exercise", in))
	}
	for _, z := range zones {
		f := mapping.Feature{Ref: z.Ref, Code: z.Code, Event: z.Gloss, DeclaredBy: z.Party, Sender: z.Name, Reported: z.At, Last: z.At, Exercise: z.Exercise, State: z.State, Line: z.Route, Words: z.Words}
		for into, t := range map[*time.Time]*time.Time{&f.From: z.From, &f.To: z.To, &f.Last: z.Changed} {
			if t != nil {
				*into = *t
			}
		}
		for _, a := range z.Areas {
			f.Areas = append(f.Areas, mapping.Positions(a))
		}
		out = append(out, f)
	}
	return out, nil
}

// fullNames are the names of the parties of a line by their short ones.
func fullNames(ctx context.Context, client *api.Client, st api.Status) (map[string]string, error) {
	own, err := client.Health(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{st.Me: own.Party}
	for _, p := range st.Peers {
		names[p.Party] = p.Name
	}
	return names, nil
}

func incidentFeature(parties speaker, names map[string]string, exercise bool, in incident.Incident) mapping.Feature {
	by := parties.party(in.Opening.Party)
	f := mapping.Feature{Ref: fmt.Sprintf("%s/%d", by, in.Opening.Number), Code: in.Opening.Code, Event: in.Kind, DeclaredBy: by, Sender: by, Exercise: exercise, State: "open",
		Reported: time.Unix(int64(in.Opening.Time), 0), Last: time.Unix(int64(in.Last), 0),
		Words: map[string]string{"area": in.Area, "units": in.Units, "harm": in.Harm, "sure": in.Sure, "unsure": in.Unsure}}
	if name := names[by]; name != "" {
		f.Sender = name
	}
	if in.Hour > 0 {
		f.From = time.Unix(int64(in.Hour), 0)
	}
	if len(in.Place) > 0 {
		f.Areas = [][]mapping.Position{mapping.Positions(in.Place)}
	}
	switch {
	case in.Withdrawn.Number > 0:
		f.State = "withdrawn"
	case len(in.Closed) > 0:
		f.State = "ended"
	}
	return f
}

// draw writes the map of a line: one GeoJSON file, or a CAP message for each
// incident and notice.
func (o *online) draw(ctx context.Context, client *api.Client, line string, v api.Named[[]incident.Incident], l *listing) error {
	list, err := o.features(ctx, client, line, v)
	if err != nil {
		return err
	}
	if l.record != "" {
		one := list[:0]
		for _, f := range list {
			if f.Ref == l.record {
				one = append(one, f)
			}
		}
		if list = one; len(list) == 0 {
			return fmt.Errorf("%.40q is no incident, and no notice with a place, on this line", l.record)
		}
	}
	if l.format == "geojson" {
		out, err := mapping.GeoJSON(list)
		if err != nil {
			return err
		}
		return o.writeFile(l, out)
	}
	return o.writeCAP(ctx, client, line, list, l)
}

// writeFile writes to the file that was named, or prints.
func (o *online) writeFile(l *listing, out []byte) error {
	if l.out == "" {
		_, err := o.out.Write(out)
		return err
	}
	return newFile(l.out, out)
}

// newFile writes a file that is not there yet.
func newFile(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already; name a file that is not", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}

func (o *online) writeCAP(ctx context.Context, client *api.Client, line string, list []mapping.Feature, l *listing) error {
	if l.record == "" && l.out == "" {
		return usageError("a CAP file holds one message: name a record, or a folder with -o for all of them")
	}
	st, err := client.LineStatus(ctx, line, "en")
	if err != nil {
		return err
	}
	names, err := fullNames(ctx, client, st)
	if err != nil {
		return err
	}
	to := slices.Sorted(maps.Values(names))
	if l.record == "" {
		if err := os.MkdirAll(l.out, 0o755); err != nil {
			return err
		}
	}
	for _, f := range list {
		var infos []mapping.Info
		for _, lang := range l.langs {
			r, err := client.Record(ctx, line, f.Ref, lang)
			if err != nil {
				return err
			}
			infos = append(infos, mapping.Info{Language: lang, Headline: r.Code + " " + f.Ref, Description: r.Rendering})
		}
		if f.Event == "" {
			f.Event = f.Code
		}
		out, err := mapping.CAP(f, to, infos)
		if err != nil {
			return err
		}
		if l.record != "" {
			return o.writeFile(l, out)
		}
		name := filepath.Join(l.out, strings.ReplaceAll(f.Ref, "/", "-")+".cap.xml")
		if err := newFile(name, out); err != nil {
			return err
		}
		fmt.Fprintln(o.out, name)
	}
	return nil
}

func (o *online) incidentImportCommand() *cobra.Command {
	var f saying
	var say bool
	c := &cobra.Command{
		Use:   "import LINE FILE",
		Short: "Make drafts of a GeoJSON file or a CAP message",
		Long: `Read a GeoJSON file or a CAP 1.2 message and show what it would say on the line:
a point an incident (IN01), a polygon a closed area (NT03), a line a movement
(NT04), a CAP update or cancel a correction (NT05). Nothing is said without --say.`,
		Example: "  openline incident import harbour area.geojson\n  openline incident import harbour alert.xml --say",
		Args:    exactly(2, "name the line and the file: openline incident import LINE FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := readBounded(args[1])
			if err != nil {
				return err
			}
			client, err := o.client()
			if err != nil {
				return err
			}
			var drafts []acts.Draft
			var notes []string
			if strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(string(b), "\ufeff")), "<") {
				known := func(id string) (string, bool) {
					party, number, ok := strings.Cut(id, "-")
					number, _, _ = strings.Cut(number, ".")
					r, err := client.Record(cmd.Context(), args[0], party+"/"+number, "en")
					return r.Ref, ok && err == nil
				}
				drafts, notes, err = mapping.ReadCAP(b, known)
			} else {
				drafts, notes, err = mapping.ReadGeoJSON(b)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", args[1], err)
			}
			return o.propose(cmd.Context(), args[0], drafts, notes, say, &f)
		},
	}
	f.add(c)
	c.Flags().BoolVar(&say, "say", false, "say what is shown")
	return c
}

// readBounded reads a file that is not absurdly large.
func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, 8<<20))
	return b, errors.Join(err, f.Close())
}
