import type { Schemas } from './schema.ts'

/**
 * How every function is planned: by index, once a connection. Plans that were made while a table was small would read all of it
 * when it is large. No just-in-time compilation: it takes longer than what it would hasten.
 */
export const PLANNED = `LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET plan_cache_mode = force_generic_plan SET jit = off`

/** For functions that look up one row at a time, where each setting is a tenth of the time. */
export const PLANNED_BARE = `LANGUAGE plpgsql SET enable_seqscan = off SET lock_timeout = '10s'`

/** begin_write, for those. */
export const beginBare = `
  IF current_setting('synchronous_commit') = 'off' THEN PERFORM set_config('synchronous_commit', 'on', true); END IF;`

export const tables = ({ store, ledger }: Schemas): string => `
CREATE TABLE ${store}.root (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  floor bigint NOT NULL,
  certificate bytea NOT NULL,
  -- Bytes in entries after the snapshots and in the snapshots: what the quota counts.
  bytes bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 60);

CREATE TABLE ${store}.shard (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  root bigint NOT NULL,
  name bytea NOT NULL,
  head bigint NOT NULL DEFAULT 0,
  hash bytea NOT NULL,
  -- 0 = no snapshot.
  snapshot bigint NOT NULL DEFAULT 0,
  snapshot_from bigint NOT NULL DEFAULT 0,
  snapshot_to bigint NOT NULL DEFAULT 0,
  snapshot_hash bytea NOT NULL DEFAULT '',
  snapshot_size bigint NOT NULL DEFAULT 0,
  UNIQUE (root, name)
) WITH (fillfactor = 60);

CREATE TABLE ${store}.entry (
  shard bigint NOT NULL,
  seq bigint NOT NULL,
  digest bytea NOT NULL,
  hash bytea NOT NULL,
  -- NULL once purged: digest and hash stay for the shard's life.
  bytes bytea,
  PRIMARY KEY (shard, seq)
);
-- One value of both, so that no plan ever finds a digest by its shard alone.
CREATE UNIQUE INDEX entry_digest ON ${store}.entry ((int8send(shard) || digest));
-- Sealed: not to be compressed.
ALTER TABLE ${store}.entry ALTER bytes SET STORAGE EXTERNAL;

-- A snapshot counts once a shard or a grave names it; until then it is on its way.
CREATE TABLE ${store}.snapshot (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shard bigint NOT NULL,
  upto bigint NOT NULL,
  is_kept boolean NOT NULL DEFAULT false,
  begun timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX snapshot_shard ON ${store}.snapshot (shard, upto);
CREATE INDEX snapshot_on_its_way ON ${store}.snapshot (begun) WHERE NOT is_kept;

CREATE TABLE ${store}.snapshot_part (
  snapshot bigint NOT NULL REFERENCES ${store}.snapshot (id) ON DELETE CASCADE,
  part integer NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (snapshot, part)
);
ALTER TABLE ${store}.snapshot_part ALTER bytes SET STORAGE EXTERNAL;

-- One row a compaction: entries up to upto and the snapshot before it were superseded at that time.
CREATE TABLE ${store}.grave (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  root bigint NOT NULL,
  shard bigint NOT NULL,
  at bigint NOT NULL,
  upto bigint NOT NULL,
  -- The superseded snapshot and its end, 0 = there was none.
  snapshot bigint NOT NULL,
  snapshot_to bigint NOT NULL,
  bytes bigint NOT NULL
);
CREATE INDEX grave_root ON ${store}.grave (root, id);
CREATE INDEX grave_shard ON ${store}.grave (shard);
CREATE INDEX grave_at ON ${store}.grave (at);

CREATE TABLE IF NOT EXISTS ${ledger}.erasure (
  root text COLLATE "C" NOT NULL,
  -- Empty = the whole root.
  shard bytea NOT NULL,
  proof bytea NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (root, shard)
);

CREATE TABLE ${store}.room (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- UTF-8, compared byte for byte.
  name bytea NOT NULL UNIQUE,
  head bigint NOT NULL DEFAULT 0,
  tail_rows bigint NOT NULL DEFAULT 0,
  tail_bytes bigint NOT NULL DEFAULT 0,
  -- The current base with its end and size, 0 = none yet; and the one on its way, 0 = none.
  base bigint NOT NULL DEFAULT 0,
  base_upto bigint NOT NULL DEFAULT 0,
  base_size bigint NOT NULL DEFAULT 0,
  staged bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 60);

CREATE TABLE ${store}.base (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  room bigint NOT NULL,
  upto bigint NOT NULL,
  size bigint NOT NULL,
  state_vector bytea NOT NULL,
  deletes bytea NOT NULL,
  -- All its parts are there.
  is_whole boolean NOT NULL DEFAULT false,
  is_adopted boolean NOT NULL DEFAULT false,
  begun timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX base_on_its_way ON ${store}.base (begun) WHERE NOT is_adopted;

CREATE TABLE ${store}.base_part (
  base bigint NOT NULL REFERENCES ${store}.base (id) ON DELETE CASCADE,
  part integer NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (base, part)
);
ALTER TABLE ${store}.base_part ALTER bytes SET STORAGE EXTERNAL;

CREATE TABLE ${store}.update_row (
  room bigint NOT NULL,
  seq bigint NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (room, seq)
);
ALTER TABLE ${store}.update_row ALTER bytes SET STORAGE EXTERNAL;

-- Replaced or erased, seen by no reader, deleted bit by bit. upto: of kind rows alone.
CREATE TABLE ${store}.trash (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('shard', 'snapshot', 'base', 'rows')),
  ref bigint NOT NULL,
  upto bigint NOT NULL DEFAULT 0
);

-- What relays of one store share: made by the first.
CREATE TABLE ${store}.secret (
  name text PRIMARY KEY,
  value text NOT NULL
);

-- What was confirmed must be on the disk, whatever the role or the database says. Who cannot have a lock gives up: a frozen relay holds none
-- (each transaction is one statement), a frozen administrator may.
CREATE FUNCTION ${store}.begin_write() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  PERFORM set_config('lock_timeout', '10s', true);
END $$;

-- The first proof that speaks against a shard, or (shard empty) against a root.
CREATE FUNCTION ${store}.proof_against(of_root text, of_shard bytea) RETURNS bytea STABLE ${PLANNED} AS $$
BEGIN
  RETURN (SELECT e.proof FROM ${ledger}.erasure AS e
    WHERE e.root = of_root AND e.shard IN ('', of_shard) ORDER BY e.shard LIMIT 1);
END $$;
`
