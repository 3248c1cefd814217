import type { Schemas } from './schema.ts'
import { PLANNED } from './sql-tables.ts'

const NO_HASH = `\\x${'00'.repeat(16)}`

/** Reading entries, certificates, snapshots, erasure and the graveyard. */
export const entryFunctions = ({ store, ledger }: Schemas): string => `
-- First the refusal or the head (seq, hash, and the snapshot where the reader lies before its end), then the entries.
-- STABLE: all of it is as it was at one moment.
CREATE FUNCTION ${store}.read_entries(of_root text, of_shard bytea, after bigint, hash_after bytea, max_bytes bigint)
RETURNS TABLE (
  o_refusal text, o_proof bytea, o_seq bigint, o_hash bytea, o_digest bytea, o_bytes bytea,
  o_from bigint, o_to bigint, o_hash_to bytea, o_size bigint
) STABLE ${PLANNED} AS $$
DECLARE
  h record;
  e record;
  hash_here bytea;
  total bigint := 0;
  begin_at bigint := after;
BEGIN
  o_proof := ${store}.proof_against(of_root, of_shard);
  IF o_proof IS NOT NULL THEN
    o_refusal := 'erased';
    RETURN NEXT;
    RETURN;
  END IF;
  SELECT x.* INTO h FROM ${store}.root AS r JOIN ${store}.shard AS x ON x.root = r.id WHERE r.name = of_root AND x.name = of_shard;
  IF after = 0 THEN
    hash_here := '${NO_HASH}';
  ELSIF after = h.head THEN
    hash_here := h.hash;
  ELSE
    SELECT x.hash INTO hash_here FROM ${store}.entry AS x WHERE x.shard = h.id AND x.seq = after;
  END IF;
  IF hash_here IS DISTINCT FROM hash_after OR after > coalesce(h.head, 0) THEN
    o_refusal := 'fork';
    RETURN NEXT;
    RETURN;
  END IF;
  o_seq := coalesce(h.head, 0);
  o_hash := coalesce(h.hash, '${NO_HASH}');
  IF h.snapshot_to > after THEN
    o_from := h.snapshot_from; o_to := h.snapshot_to; o_hash_to := h.snapshot_hash; o_size := h.snapshot_size;
    begin_at := h.snapshot_to;
  END IF;
  RETURN NEXT;
  o_from := NULL; o_to := NULL; o_hash_to := NULL; o_size := NULL;
  FOR e IN
    SELECT x.seq, x.hash, x.digest, x.bytes FROM ${store}.entry AS x WHERE x.shard = h.id AND x.seq > begin_at ORDER BY x.seq
  LOOP
    EXIT WHEN e.bytes IS NULL;
    total := total + octet_length(e.bytes);
    EXIT WHEN total > max_bytes AND total > octet_length(e.bytes);
    o_seq := e.seq; o_hash := e.hash; o_digest := e.digest; o_bytes := e.bytes;
    RETURN NEXT;
  END LOOP;
END $$;

CREATE FUNCTION ${store}.adopt_root(of_root text, new_floor bigint, new_certificate bytea)
RETURNS TABLE (o_proof bytea, o_floor bigint, o_certificate bytea) ${PLANNED} AS $$
BEGIN
  PERFORM ${store}.begin_write();
  -- A root that is not there yet has no row to hold: an erasure of it under way is waited for like this.
  PERFORM pg_advisory_xact_lock(hashtextextended(of_root, 1));
  o_proof := ${store}.proof_against(of_root, '');
  IF o_proof IS NULL THEN
    INSERT INTO ${store}.root AS r (name, floor, certificate) VALUES (of_root, new_floor, new_certificate)
    ON CONFLICT (name) DO UPDATE SET floor = excluded.floor, certificate = excluded.certificate WHERE r.floor < excluded.floor;
    SELECT r.floor, r.certificate INTO o_floor, o_certificate FROM ${store}.root AS r WHERE r.name = of_root;
  END IF;
  RETURN NEXT;
END $$;

-- Row of the root held; what speaks against changing the shard, and where the shard stands.
CREATE FUNCTION ${store}.hold_shard(of_root text, of_shard bytea, epoch bigint)
RETURNS TABLE (o_refusal text, o_floor bigint, o_certificate bytea, o_proof bytea, o_root bigint, o_used bigint, o_shard ${store}.shard)
${PLANNED} AS $$
BEGIN
  SELECT r.id, r.bytes, r.floor, r.certificate INTO o_root, o_used, o_floor, o_certificate
  FROM ${store}.root AS r WHERE r.name = of_root FOR NO KEY UPDATE;
  o_proof := ${store}.proof_against(of_root, of_shard);
  SELECT x.* INTO o_shard FROM ${store}.shard AS x WHERE x.root = o_root AND x.name = of_shard;
  o_refusal := CASE
    WHEN o_proof IS NOT NULL THEN 'erased'
    WHEN o_floor IS DISTINCT FROM epoch THEN 'epoch'
    WHEN (o_shard).id IS NULL THEN 'cas' END;
  o_floor := coalesce(o_floor, -1);
  RETURN NEXT;
END $$;

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

-- Out of sight at once; the trash takes it. An empty of_shard is the whole root.
CREATE FUNCTION ${store}.drop_scope(of_root text, of_shard bytea) RETURNS void ${PLANNED} AS $$
DECLARE
  root_id bigint;
  gone ${store}.shard;
  live bigint;
BEGIN
  SELECT r.id INTO root_id FROM ${store}.root AS r WHERE r.name = of_root FOR UPDATE;
  FOR gone IN SELECT x.* FROM ${store}.shard AS x WHERE x.root = root_id AND of_shard IN ('', x.name) ORDER BY x.id LOOP
    SELECT coalesce(sum(octet_length(x.bytes)), 0) + gone.snapshot_size INTO live
    FROM ${store}.entry AS x WHERE x.shard = gone.id AND x.seq > gone.snapshot_to;
    UPDATE ${store}.root AS r SET bytes = r.bytes - live WHERE r.id = root_id;
    DELETE FROM ${store}.grave AS x WHERE x.shard = gone.id;
    DELETE FROM ${store}.shard AS x WHERE x.id = gone.id;
    INSERT INTO ${store}.trash (kind, ref) VALUES ('shard', gone.id);
  END LOOP;
  IF of_shard = '' THEN
    DELETE FROM ${store}.root AS r WHERE r.id = root_id;
  END IF;
END $$;

-- @returns when it was erased, now or before
CREATE FUNCTION ${store}.erase_scope(of_root text, of_shard bytea, new_proof bytea, now_ms bigint) RETURNS bigint ${PLANNED} AS $$
DECLARE
  done bigint;
BEGIN
  PERFORM ${store}.begin_write();
  PERFORM pg_advisory_xact_lock(hashtextextended(of_root, 1));
  SELECT e.at INTO done FROM ${ledger}.erasure AS e WHERE e.root = of_root AND e.shard IN ('', of_shard) ORDER BY e.shard LIMIT 1;
  IF done IS NULL THEN
    INSERT INTO ${ledger}.erasure (root, shard, proof, at) VALUES (of_root, of_shard, new_proof, now_ms);
    PERFORM ${store}.drop_scope(of_root, of_shard);
    done := now_ms;
  END IF;
  RETURN done;
END $$;

-- An older copy of the store may have brought back what the ledger names.
CREATE FUNCTION ${store}.apply_ledger() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  e record;
BEGIN
  PERFORM ${store}.begin_write();
  FOR e IN
    SELECT x.root, x.shard FROM ${ledger}.erasure AS x JOIN ${store}.root AS r ON r.name = x.root
    WHERE x.shard = '' OR EXISTS (SELECT 1 FROM ${store}.shard AS h WHERE h.root = r.id AND h.name = x.shard)
    ORDER BY r.id
  LOOP
    PERFORM ${store}.drop_scope(e.root, e.shard);
  END LOOP;
END $$;
`
