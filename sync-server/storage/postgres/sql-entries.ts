import type { Schemas } from './schema.ts'
import { PLANNED } from './sql-tables.ts'

const NO_HASH = `\\x${'00'.repeat(16)}`

/** Reading entries, certificates, erasure. */
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
