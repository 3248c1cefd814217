import type { Schemas } from './schema.ts'
import { PLANNED } from './sql-tables.ts'

/** Snapshots by compare-and-swap, and the graveyard of what they supersede. */
export const snapshotFunctions = ({ store }: Schemas): string => `
-- What a snapshot up to next_to would supersede, and whether it may.
CREATE FUNCTION ${store}.judge_snapshot(
  h ${store}.shard, used bigint, next_to bigint, next_hash bytea, size bigint, root_bytes bigint
) RETURNS TABLE (o_refusal text, o_superseded bigint) ${PLANNED} AS $$
DECLARE
  hash_here bytea;
BEGIN
  SELECT x.hash INTO hash_here FROM ${store}.entry AS x WHERE x.shard = h.id AND x.seq = next_to;
  IF next_to <= h.snapshot_to OR hash_here IS DISTINCT FROM next_hash THEN
    o_refusal := 'cas';
  ELSE
    SELECT coalesce(sum(octet_length(x.bytes)), 0) + h.snapshot_size INTO o_superseded
    FROM ${store}.entry AS x WHERE x.shard = h.id AND x.seq > h.snapshot_to AND x.seq <= next_to;
    -- A compaction that makes room is welcome in a full root too.
    IF size > o_superseded AND used + size - o_superseded > root_bytes THEN
      o_refusal := 'root-full';
    END IF;
  END IF;
  RETURN NEXT;
END $$;

-- Begins a snapshot whose parts come next; nothing is replaced.
CREATE FUNCTION ${store}.begin_snapshot(
  of_root text, of_shard bytea, epoch bigint, next_to bigint, next_hash bytea, size bigint, root_bytes bigint
) RETURNS TABLE (o_refusal text, o_floor bigint, o_certificate bytea, o_proof bytea, o_snapshot bigint) ${PLANNED} AS $$
DECLARE
  held record;
BEGIN
  PERFORM ${store}.begin_write();
  SELECT x.* INTO held FROM ${store}.hold_shard(of_root, of_shard, epoch) AS x;
  o_refusal := held.o_refusal; o_floor := held.o_floor; o_certificate := held.o_certificate; o_proof := held.o_proof;
  IF o_refusal IS NULL THEN
    SELECT j.o_refusal INTO o_refusal
    FROM ${store}.judge_snapshot(held.o_shard, held.o_used, next_to, next_hash, size, root_bytes) AS j;
  END IF;
  IF o_refusal IS NULL THEN
    INSERT INTO ${store}.snapshot AS x (shard, upto) VALUES ((held.o_shard).id, next_to) RETURNING x.id INTO o_snapshot;
  END IF;
  RETURN NEXT;
END $$;

-- @returns entries purged
CREATE FUNCTION ${store}.open_grave(g ${store}.grave) RETURNS bigint ${PLANNED} AS $$
DECLARE
  purged bigint;
BEGIN
  -- What lies before the superseded snapshot belongs to an older grave.
  UPDATE ${store}.entry AS x SET bytes = NULL
  WHERE x.shard = g.shard AND x.seq > g.snapshot_to AND x.seq <= g.upto AND x.bytes IS NOT NULL;
  GET DIAGNOSTICS purged = ROW_COUNT;
  IF g.snapshot > 0 THEN
    DELETE FROM ${store}.snapshot AS x WHERE x.id = g.snapshot;
  END IF;
  DELETE FROM ${store}.grave AS x WHERE x.id = g.id;
  RETURN purged;
END $$;

-- Compare-and-swap. The parts of new_snapshot are all there.
CREATE FUNCTION ${store}.swap_snapshot(
  of_root text, of_shard bytea, epoch bigint, next_from bigint, next_to bigint, next_hash bytea, size bigint, root_bytes bigint,
  new_snapshot bigint, now_ms bigint
) RETURNS TABLE (o_refusal text, o_floor bigint, o_certificate bytea, o_proof bytea) ${PLANNED} AS $$
DECLARE
  held record;
  judged record;
  g ${store}.grave;
  waiting bigint := 0;
BEGIN
  PERFORM ${store}.begin_write();
  SELECT x.* INTO held FROM ${store}.hold_shard(of_root, of_shard, epoch) AS x;
  o_refusal := held.o_refusal; o_floor := held.o_floor; o_certificate := held.o_certificate; o_proof := held.o_proof;
  IF o_refusal IS NULL THEN
    SELECT j.* INTO judged FROM ${store}.judge_snapshot(held.o_shard, held.o_used, next_to, next_hash, size, root_bytes) AS j;
    o_refusal := judged.o_refusal;
  END IF;
  IF o_refusal IS NULL THEN
    UPDATE ${store}.snapshot AS x SET is_kept = true WHERE x.id = new_snapshot AND NOT x.is_kept;
    IF NOT FOUND THEN o_refusal := 'cas'; END IF;
  END IF;
  IF o_refusal IS NULL THEN
    INSERT INTO ${store}.grave (root, shard, at, upto, snapshot, snapshot_to, bytes)
    VALUES (held.o_root, (held.o_shard).id, now_ms, next_to, (held.o_shard).snapshot, (held.o_shard).snapshot_to, judged.o_superseded);
    UPDATE ${store}.shard AS x
    SET snapshot = new_snapshot, snapshot_from = next_from, snapshot_to = next_to, snapshot_hash = next_hash, snapshot_size = size
    WHERE x.id = (held.o_shard).id;
    UPDATE ${store}.root AS r SET bytes = r.bytes + size - judged.o_superseded WHERE r.id = held.o_root;
    -- A root's graveyard holds at most as much as the root may; the oldest go first.
    FOR g IN SELECT x.* FROM ${store}.grave AS x WHERE x.root = held.o_root ORDER BY x.id DESC LOOP
      waiting := waiting + g.bytes;
      IF waiting > root_bytes THEN
        PERFORM 1 FROM ${store}.grave AS x WHERE x.id = g.id FOR UPDATE SKIP LOCKED;
        IF FOUND THEN PERFORM ${store}.open_grave(g); END IF;
      END IF;
    END LOOP;
  END IF;
  RETURN NEXT;
END $$;

-- Some graves, the oldest first; those that another relay opens at this moment are left to it.
CREATE FUNCTION ${store}.purge_some(before bigint, max_graves integer)
RETURNS TABLE (o_purged bigint, o_graves bigint) ${PLANNED} AS $$
DECLARE
  g ${store}.grave;
BEGIN
  o_purged := 0; o_graves := 0;
  FOR g IN SELECT x.* FROM ${store}.grave AS x WHERE x.at < before ORDER BY x.id LIMIT max_graves FOR UPDATE SKIP LOCKED LOOP
    o_purged := o_purged + ${store}.open_grave(g);
    o_graves := o_graves + 1;
  END LOOP;
  RETURN NEXT;
END $$;
`
