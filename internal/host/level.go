// SPDX-License-Identifier: Apache-2.0

package host

import "log/slog"

// level is the level of a line of the station's log by its name.
func level(name string) slog.Level {
	switch name {
	case "error":
		return slog.LevelError
	case "warn":
		return slog.LevelWarn
	}
	return slog.LevelInfo
}
