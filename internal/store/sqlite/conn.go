// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"net/url"

	sqlite3 "github.com/ncruces/go-sqlite3"
)

// conn is a connection with its prepared statements.
type conn struct {
	db      *sqlite3.Conn
	queries map[string]*query
}

// query is one prepared statement. The first error of a chain of calls is
// kept and given by run or done.
type query struct {
	st    *sqlite3.Stmt
	param int
	err   error
}

func dial(path, vfs string, flags sqlite3.OpenFlag) (*conn, error) {
	db, err := sqlite3.OpenFlags(uri(path, vfs), flags|sqlite3.OPEN_URI)
	if err != nil {
		return nil, err
	}
	return &conn{db: db, queries: map[string]*query{}}, nil
}

// uri names a file to SQLite, and what it is read through.
func uri(path, vfs string) string {
	params := url.Values{"vfs": {vfs}}
	if vfs == "" {
		register()
		params = url.Values{"vfs": {systemFiles}, "modeof": {path}}
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: params.Encode()}
	return u.String()
}

func (c *conn) close() error {
	for _, q := range c.queries {
		if q.st != nil {
			// An error here is that of its last step, told already.
			_ = q.st.Close()
		}
	}
	return c.db.Close()
}

// q gives a statement ready to be bound.
func (c *conn) q(sql string) *query {
	q := c.queries[sql]
	if q == nil {
		st, _, err := c.db.PrepareFlags(sql, sqlite3.PREPARE_PERSISTENT)
		if err != nil {
			return &query{err: err}
		}
		q = &query{st: st}
		c.queries[sql] = q
	}
	q.param, q.err = 0, nil
	return q
}

func (q *query) bind(f func(param int) error) *query {
	if q.err == nil {
		q.param++
		q.err = f(q.param)
	}
	return q
}

func (q *query) int(v int64) *query {
	if q.err == nil {
		q.param++
		q.err = q.st.BindInt64(q.param, v)
	}
	return q
}

func (q *query) uint(v uint64) *query { return q.int(int64(v)) }

func (q *query) bool(v bool) *query {
	if v {
		return q.int(1)
	}
	return q.int(0)
}

func (q *query) text(v string) *query {
	return q.bind(func(p int) error { return q.st.BindText(p, v) })
}

// blob binds bytes that are never NULL.
func (q *query) blob(v []byte) *query {
	if q.err == nil {
		q.param++
		if len(v) == 0 {
			q.err = q.st.BindZeroBlob(q.param, 0)
		} else {
			q.err = q.st.BindBlob(q.param, v)
		}
	}
	return q
}

// maybe binds bytes, nil as NULL.
func (q *query) maybe(v []byte) *query {
	return q.bind(func(p int) error { return q.st.BindBlob(p, v) })
}

// run executes a statement that gives no rows.
func (q *query) run() error {
	if q.err != nil {
		return q.err
	}
	return q.st.Exec()
}

// next steps to the next row; done must follow the last.
func (q *query) next() bool { return q.err == nil && q.st.Step() }

// done resets the statement, which ends its hold on the database.
func (q *query) done() error {
	if q.st == nil {
		return q.err
	}
	err := q.st.Reset()
	if q.err != nil {
		return q.err
	}
	return err
}

// one runs f on the first row; ok is false if there is none.
func (q *query) one(f func(*sqlite3.Stmt)) (ok bool, err error) {
	if ok = q.next(); ok {
		f(q.st)
	}
	return ok, q.done()
}

// each runs f on every row until it gives false.
func (q *query) each(f func(*sqlite3.Stmt) bool) error {
	for q.next() && f(q.st) {
	}
	return q.done()
}

func column(st *sqlite3.Stmt, col int) []byte { return st.ColumnBlob(col, nil) }

func columnUint(st *sqlite3.Stmt, col int) uint64 { return uint64(st.ColumnInt64(col)) }

func columnHash(st *sqlite3.Stmt, col int) (h [32]byte) {
	copy(h[:], st.ColumnRawBlob(col))
	return h
}
