// SPDX-License-Identifier: Apache-2.0

// Package api is the station's local interface: HTTP and JSON over a Unix
// socket, with an OpenAPI 3.1 document, and the client the command line uses.
//
// Invariants:
//
//   - Only the owner of the station's directory reaches the socket (0600);
//     whoever does acts as the watch. What needs two persons needs their
//     signatures here as anywhere.
//   - Requests and answers are bounded in size.
//   - Every fault is an application/problem+json with one sentence that says
//     what to do.
//   - A say carries a token; repeated under the same token it is said once.
//
// Times are RFC 3339 in UTC. A record is named "blue/412", an office
// "blue:watch"; parameters are written as a person types them.
//
// Specification: docs/reference/api.md; GET /openapi.json.
package api
