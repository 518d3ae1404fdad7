-- Which record (party << 48 | number) let an entry's content be removed.
-- The bytes are wiped once the file was written anew after that.
CREATE TABLE removed (
  entry       INTEGER PRIMARY KEY,
  by          INTEGER NOT NULL,
  wiped       INTEGER NOT NULL
) STRICT;
