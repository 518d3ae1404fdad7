// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"openline/internal/desk/attachment"
	"openline/internal/desk/deliberation"
	"openline/internal/desk/draft"
	"openline/internal/host"
	"openline/internal/host/briefing"
	"openline/internal/station"
	"openline/internal/store"
)

// statuses says under which HTTP status an error is told; the first that
// matches counts.
var statuses = []struct {
	is     error
	status int
}{
	{host.ErrNoLine, http.StatusNotFound},
	{host.ErrNoRecord, http.StatusNotFound},
	{host.ErrNoPeer, http.StatusNotFound},
	{host.ErrNotHere, http.StatusNotFound},
	{attachment.ErrSize, http.StatusRequestEntityTooLarge},
	{attachment.ErrType, http.StatusUnsupportedMediaType},
	{attachment.ErrMatch, http.StatusUnsupportedMediaType},
	{briefing.ErrNoHolder, http.StatusNotFound},
	{deliberation.ErrNone, http.StatusNotFound},
	{draft.ErrNone, http.StatusNotFound},
	{draft.ErrMoved, http.StatusConflict},
	{draft.ErrEnded, http.StatusConflict},
	{draft.ErrSending, http.StatusConflict},
	{station.ErrNote, http.StatusRequestEntityTooLarge},
	{host.ErrTooMany, http.StatusTooManyRequests},
	{host.ErrStopped, http.StatusServiceUnavailable},
	{station.ErrTwoPersons, http.StatusForbidden},
	{station.ErrMachine, http.StatusForbidden},
	{station.ErrChanged, http.StatusConflict},
	{station.ErrRemoval, http.StatusConflict},
	{station.ErrTooMany, http.StatusServiceUnavailable},
	{station.ErrQueueFull, http.StatusServiceUnavailable},
	{host.ErrClockRight, http.StatusConflict},
	{store.ErrExists, http.StatusConflict},
	{store.ErrCorrupt, http.StatusInternalServerError},
	{store.ErrSick, http.StatusInternalServerError},
	{store.ErrFull, http.StatusInsufficientStorage},
	{store.ErrReadOnly, http.StatusInsufficientStorage},
	{context.DeadlineExceeded, http.StatusGatewayTimeout},
	{context.Canceled, http.StatusServiceUnavailable},
}

// problem tells an error as it is; one of no known kind is a fault of the
// request.
func problem(err error) error {
	for _, s := range statuses {
		if errors.Is(err, s.is) {
			return huma.NewError(s.status, err.Error())
		}
	}
	return huma.NewError(http.StatusUnprocessableEntity, err.Error())
}
