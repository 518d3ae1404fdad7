// SPDX-License-Identifier: Apache-2.0

package boot

import (
	"cmp"
	"context"
	"log/slog"

	"openline/internal/alert"
	"openline/internal/host"
)

// prepareAlerts sets up how the watch is called, from alerts.toml.
func (s *Station) prepareAlerts() error {
	set, err := alert.ReadSettings(s.Home.Alerts())
	if err != nil {
		return err
	}
	plan, err := set.Plan()
	if err != nil {
		return err
	}
	ways, err := set.Ways(func() (*alert.Subscriptions, error) { return alert.OpenSubscriptions(s.Home.Browsers()) })
	if err != nil {
		return err
	}
	s.alerts, err = alert.New(alert.Config{Host: s.Host, Shelf: s.desk, Plan: plan, Ways: ways, Clock: s.clock(), Log: cmp.Or(s.opts.Log, slog.Default())})
	return err
}

// Alerts keeps the alarms of the watch.
func (s *Station) Alerts() *alert.Keeper { return s.alerts }

func (s *Station) clock() host.Clock {
	if s.opts.Clock != nil {
		return s.opts.Clock
	}
	return host.SystemClock()
}

// runAlerts calls the watch until ctx ends. A station whose watch cannot be
// called stops rather than ring for nobody.
func (s *Station) runAlerts(ctx context.Context, stop context.CancelFunc) <-chan error {
	done := make(chan error, 1)
	if s.opts.NoSocket {
		done <- nil
		return done
	}
	go func() {
		err := s.alerts.Run(ctx)
		if err != nil {
			stop()
		}
		done <- err
	}()
	return done
}
