-- Attachments: each digest once for a line, its bytes in pieces that follow
-- one another. A piece's key is blob << 27 | offset.

CREATE TABLE blob (
  id          INTEGER PRIMARY KEY,
  line        INTEGER NOT NULL,
  digest      BLOB NOT NULL,
  size        INTEGER NOT NULL,
  held        INTEGER NOT NULL,
  use         INTEGER NOT NULL,
  UNIQUE (line, digest)
) STRICT;

CREATE TABLE piece (
  key         INTEGER PRIMARY KEY,
  bytes       BLOB NOT NULL
) STRICT;

-- Records of other parties whose attachments are not complete here, by the
-- key of their entry.
CREATE TABLE attached (
  entry       INTEGER PRIMARY KEY
) STRICT;
