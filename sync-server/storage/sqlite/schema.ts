/** Each migration leads from the version before it (its index) to the next. Never change one that was released: add another. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE root (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    floor INTEGER NOT NULL,
    certificate BLOB NOT NULL,
    -- Bytes in entries after the snapshots and in the snapshots: what the quota counts.
    bytes INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE shard (
    id INTEGER PRIMARY KEY,
    root INTEGER NOT NULL REFERENCES root (id),
    name BLOB NOT NULL,
    head INTEGER NOT NULL DEFAULT 0,
    hash BLOB NOT NULL,
    snapshot_from INTEGER NOT NULL DEFAULT 0,
    -- 0 = no snapshot.
    snapshot_to INTEGER NOT NULL DEFAULT 0,
    snapshot_size INTEGER NOT NULL DEFAULT 0,
    UNIQUE (root, name)
  ) STRICT;

  CREATE TABLE entry (
    shard INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    digest BLOB NOT NULL,
    hash BLOB NOT NULL,
    -- NULL once purged: digest and hash stay for the shard's life.
    bytes BLOB,
    PRIMARY KEY (shard, seq)
  ) STRICT;
  CREATE UNIQUE INDEX entry_digest ON entry (shard, digest);

  CREATE TABLE snapshot_part (
    shard INTEGER NOT NULL,
    upto INTEGER NOT NULL,
    part INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (shard, upto, part)
  ) STRICT;

  -- One row a compaction: entries up to upto and the snapshot before it were superseded at that time.
  CREATE TABLE grave (
    id INTEGER PRIMARY KEY,
    root INTEGER NOT NULL,
    shard INTEGER NOT NULL,
    at INTEGER NOT NULL,
    upto INTEGER NOT NULL,
    -- End of the superseded snapshot, 0 = there was none.
    snapshot_to INTEGER NOT NULL,
    bytes INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX grave_root ON grave (root);
  CREATE INDEX grave_shard ON grave (shard);
  CREATE INDEX grave_at ON grave (at);

  CREATE TABLE erasure (
    root TEXT NOT NULL,
    -- Empty = the whole root.
    shard BLOB NOT NULL,
    proof BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (root, shard)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Open rooms.
  CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    -- UTF-8, compared byte for byte.
    name BLOB NOT NULL UNIQUE,
    -- 0 = none yet.
    base INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  -- Ids never come back: who reads a base part by part must not end in another one.
  CREATE TABLE base (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    room INTEGER NOT NULL,
    upto INTEGER NOT NULL,
    size INTEGER NOT NULL,
    state_vector BLOB NOT NULL,
    deletes BLOB NOT NULL
  ) STRICT;

  CREATE TABLE base_part (
    base INTEGER NOT NULL,
    part INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (base, part)
  ) STRICT;

  CREATE TABLE update_row (
    room INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (room, seq)
  ) STRICT, WITHOUT ROWID;

  -- A base on its way into a room; whole = all its parts are there.
  CREATE TABLE staging (
    room INTEGER PRIMARY KEY,
    base INTEGER NOT NULL,
    whole INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  -- Replaced, seen by no reader, deleted bit by bit: a base, and the rows of a room up to a seq.
  CREATE TABLE trash (
    id INTEGER PRIMARY KEY,
    base INTEGER NOT NULL,
    room INTEGER NOT NULL,
    upto INTEGER NOT NULL
  ) STRICT;
  `
]

/** "SCnl" in the database header: tells our files from another program's. */
export const APPLICATION_ID = 0x53436e6c
