// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"openline/identity"
	"openline/record"
)

// Retention is what the records that remove content (RT01) have removed, and
// what of it this station still holds.
type Retention struct {
	Things  []RetainedThing `json:"things" doc:"Of those whose content is still held here, the first hundred"`
	Removed int             `json:"removed" doc:"Matters whose content is removed at this station's cut"`
	Records int             `json:"records" doc:"Records whose content an act of removal would take now"`
	Waiting int             `json:"waiting" doc:"Records whose content waits: not every party has receipted them and the RT01"`
	Gone    int             `json:"gone" doc:"Records whose content is gone from this station's disk"`
	Unwiped int             `json:"unwiped" doc:"Of these, records whose bytes may still be in the file; they go at the next removal or start"`
	Taken   int             `json:"taken" doc:"Records whose content this act of removal has taken"`
}

// RetainedThing is a matter whose content is removed and still held here.
type RetainedThing struct {
	Thing   string   `json:"thing"`
	By      string   `json:"by" doc:"The RT01"`
	Records []string `json:"records" doc:"Whose content would go"`
	Gone    int      `json:"gone" doc:"Records of it whose content is gone"`
	Waits   []string `json:"waits,omitempty" doc:"Parties that have not receipted all of it and the RT01"`
}

// maxRetained bounds the matters of one answer.
const maxRetained = 100

func (s *Server) retentionRoutes() {
	huma.Register(s.api, get("retention", "/v1/lines/{line}/retention", "What is removed under the retention clause, and what of it is still held here"), func(ctx context.Context, in *OneLine) (*body[Retention], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.retention(ctx, id))
	})
	remove := post("remove-content", "/v1/lines/{line}/retention/remove", "Take what is removed off this station's disk, for good")
	remove.Description = "This party's own act, after a record (RT01) in force that two persons released; nothing is sent. " +
		"Header and body go, leaves and hashes stay. Backups and extracts made before are not touched."
	huma.Register(s.api, remove, func(ctx context.Context, in *OneLine) (*body[Retention], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		n, err := s.cfg.Host.RemoveContent(ctx, id)
		if err != nil {
			return nil, problem(err)
		}
		out, err := s.retention(ctx, id)
		out.Taken = n
		return answer(out, err)
	})
}

func (s *Server) retention(ctx context.Context, id identity.LineID) (Retention, error) {
	env, err := s.cfg.Host.Env(id)
	if err != nil {
		return Retention{}, err
	}
	r, err := s.cfg.Host.Retention(ctx, id, maxRetained)
	out := Retention{Things: []RetainedThing{}, Removed: r.Removed, Records: r.Records, Waiting: r.Waiting, Gone: r.Gone, Unwiped: r.Unwiped}
	for _, t := range r.Things {
		x := RetainedThing{Thing: env.RefName(t.Thing), By: env.RefName(t.By), Records: []string{}, Gone: t.Gone}
		for _, rec := range t.Records[:min(len(t.Records), maxRetained)] {
			x.Records = append(x.Records, env.RefName(record.ByNumber(rec.At.Log.Party, rec.At.Number)))
		}
		for _, p := range t.Waits {
			x.Waits = append(x.Waits, env.PartyName(p))
		}
		out.Things = append(out.Things, x)
	}
	return out, err
}

// Retention reads what is removed, and what of it is still held.
func (c *Client) Retention(ctx context.Context, line string) (out Retention, err error) {
	return out, c.get(ctx, linePath(line)+"/retention", nil, &out)
}

// RemoveContent takes what is removed off the station's disk.
func (c *Client) RemoveContent(ctx context.Context, line string) (out Retention, err error) {
	return out, c.post(ctx, linePath(line)+"/retention/remove", nil, &out)
}
