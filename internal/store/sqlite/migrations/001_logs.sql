-- Keys on the hot path are integers: log << 40 | index for entries,
-- log << 40 | page for hashes, party << 48 | number for things.

CREATE TABLE line (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,
  generation  INTEGER NOT NULL,
  size        INTEGER NOT NULL,
  root        BLOB NOT NULL,
  checkpoint  BLOB,
  last_signed INTEGER NOT NULL,
  journal     INTEGER NOT NULL
) STRICT;

CREATE TABLE log (
  id          INTEGER PRIMARY KEY,
  line        INTEGER NOT NULL,
  party       INTEGER NOT NULL,
  generation  INTEGER NOT NULL,
  base        INTEGER NOT NULL,
  size        INTEGER NOT NULL,
  root        BLOB NOT NULL,
  checkpoint  BLOB,
  pending     BLOB,
  known       INTEGER NOT NULL,
  forked      INTEGER NOT NULL,
  UNIQUE (line, party, generation)
) STRICT;

-- Apart from log, whose row is written at every save.
CREATE TABLE card (
  log         INTEGER PRIMARY KEY,
  bytes       BLOB NOT NULL
) STRICT;

CREATE TABLE entry (
  key         INTEGER PRIMARY KEY,
  leaf        BLOB NOT NULL,
  header      BLOB NOT NULL,
  body        BLOB NOT NULL
) STRICT;

-- 125 hashes of 32 bytes fill one page of the database.
CREATE TABLE hash (
  key         INTEGER PRIMARY KEY,
  bytes       BLOB NOT NULL
) STRICT;

CREATE TABLE about (
  line        INTEGER NOT NULL,
  thing       INTEGER NOT NULL,
  entry       INTEGER NOT NULL,
  PRIMARY KEY (line, thing, entry)
) STRICT, WITHOUT ROWID;

-- Records that name their thing by the hash of its leaf: rare.
CREATE TABLE about_leaf (
  line        INTEGER NOT NULL,
  party       INTEGER NOT NULL,
  leaf        BLOB NOT NULL,
  entry       INTEGER NOT NULL,
  PRIMARY KEY (line, party, leaf, entry)
) STRICT, WITHOUT ROWID;

-- log and by are party << 32 | generation.
CREATE TABLE statement (
  id          INTEGER PRIMARY KEY,
  line        INTEGER NOT NULL,
  log         INTEGER NOT NULL,
  by          INTEGER NOT NULL,
  pq          INTEGER NOT NULL,
  size        INTEGER NOT NULL,
  at          INTEGER NOT NULL,
  root        BLOB NOT NULL,
  bytes       BLOB NOT NULL,
  UNIQUE (line, log, by, pq, size, at)
) STRICT;

CREATE TABLE token (
  line        INTEGER NOT NULL,
  token       TEXT NOT NULL,
  log         INTEGER NOT NULL,
  first       INTEGER NOT NULL,
  count       INTEGER NOT NULL,
  PRIMARY KEY (line, token)
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
  key         INTEGER PRIMARY KEY,
  entry       BLOB NOT NULL
) STRICT;

CREATE TABLE journal_hash (
  key         INTEGER PRIMARY KEY,
  bytes       BLOB NOT NULL
) STRICT;

CREATE TABLE queue (
  id          INTEGER PRIMARY KEY,
  line        INTEGER NOT NULL,
  token       TEXT NOT NULL,
  bytes       BLOB NOT NULL
) STRICT;

CREATE TABLE ahead (
  key         INTEGER PRIMARY KEY,
  bytes       BLOB NOT NULL
) STRICT;

CREATE TABLE accusation (
  id          INTEGER PRIMARY KEY,
  line        INTEGER NOT NULL,
  bytes       BLOB NOT NULL
) STRICT;

CREATE TABLE snapshot (
  line        INTEGER PRIMARY KEY,
  bytes       BLOB NOT NULL
) STRICT;

CREATE TABLE fact (
  line        INTEGER NOT NULL,
  name        TEXT NOT NULL,
  bytes       BLOB NOT NULL,
  PRIMARY KEY (line, name)
) STRICT, WITHOUT ROWID;
