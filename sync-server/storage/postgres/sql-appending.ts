import type { Schemas } from './schema.ts'
import { beginBare, PLANNED, PLANNED_BARE } from './sql-tables.ts'

/** How core/chain.ts begins what it hashes: the label and the length of a root's name, each with its length. */
const CHAIN_LABEL = `\\x16${Buffer.from('council.sealed.1 chain').toString('hex')}16`
const NO_HASH = `\\x${'00'.repeat(16)}`

/** Appending entries: one call a batch, which is one statement and one transaction. */
export const appendingFunctions = ({ store, ledger }: Schemas): string => `
-- As lib0 writes it: seven bits a byte, the lowest first.
CREATE FUNCTION ${store}.varuint(n bigint) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  out bytea := '';
BEGIN
  WHILE n > 127 LOOP
    out := out || set_byte('\\x00', 0, ((n & 127) | 128)::integer);
    n := n >> 7;
  END LOOP;
  RETURN out || set_byte('\\x00', 0, n::integer);
END $$;

-- One entry alone, as a lone writer sends them: append_entries without its lists and its table, which cost ten times as much as they carry.
-- @returns its seq (8 bytes, big-endian) and chain hash, and where it is new its digest; NULL where append_entries would refuse it
CREATE FUNCTION ${store}.append_entry(new_bytes bytea, of_root text, of_shard bytea, epoch bigint, root_bytes bigint)
RETURNS bytea ${PLANNED_BARE} AS $$
DECLARE
  r record; h record; known record; new_digest bytea := sha256(new_bytes); new_hash bytea; size integer := octet_length(new_bytes);
BEGIN${beginBare}
  SELECT x.id, x.floor, x.bytes INTO r FROM ${store}.root AS x WHERE x.name = of_root FOR NO KEY UPDATE;
  IF r.floor IS DISTINCT FROM epoch OR EXISTS (
    SELECT 1 FROM ${ledger}.erasure AS e WHERE e.root = of_root AND e.shard IN ('', of_shard)
  ) THEN
    RETURN NULL;
  END IF;
  SELECT x.id, x.head, x.hash INTO h FROM ${store}.shard AS x WHERE x.root = r.id AND x.name = of_shard;
  IF h.id IS NULL THEN
    INSERT INTO ${store}.shard AS x (root, name, hash) VALUES (r.id, of_shard, '${NO_HASH}') RETURNING x.id, x.head, x.hash INTO h;
  ELSE
    SELECT e.seq, e.hash INTO known FROM ${store}.entry AS e WHERE int8send(e.shard) || e.digest = int8send(h.id) || new_digest;
    IF known.seq IS NOT NULL THEN RETURN int8send(known.seq) || known.hash; END IF;
  END IF;
  IF size > 0 AND r.bytes + size > root_bytes THEN RETURN NULL; END IF;
  new_hash := substring(sha256('${CHAIN_LABEL}'::bytea || convert_to(of_root, 'UTF8') || of_shard
    || CASE WHEN h.head < 127 THEN set_byte('\\x00', 0, (h.head + 1)::integer) ELSE ${store}.varuint(h.head + 1) END
    || h.hash || new_digest) FROM 1 FOR 16);
  INSERT INTO ${store}.entry (shard, seq, digest, hash, bytes) VALUES (h.id, h.head + 1, new_digest, new_hash, new_bytes);
  UPDATE ${store}.shard AS x SET head = h.head + 1, hash = new_hash WHERE x.id = h.id;
  UPDATE ${store}.root AS x SET bytes = r.bytes + size WHERE x.id = r.id;
  RETURN int8send(h.head + 1) || new_hash || new_digest;
END $$;

-- Of each entry: where it begins in packed (from 1), its size and its request (from 1). Of each request: its shard, its first entry, how many.
-- One row a request, in any order: refusal is NULL where it was taken, and fresh counts from 0 within the request.
CREATE FUNCTION ${store}.append_entries(
  packed bytea, ats integer[], sizes integer[], of_request integer[],
  roots text[], shards bytea[], epochs bigint[], firsts integer[], counts integer[], root_bytes bigint
) RETURNS TABLE (
  o_request integer, o_refusal text, o_floor bigint, o_certificate bytea, o_proof bytea,
  o_seqs bigint[], o_hash bytea, o_fresh integer[], o_digests bytea, o_hashes bytea
) ${PLANNED} AS $$
DECLARE
  root_of bigint[]; shard_of bigint[]; head_of bigint[]; hash_of bytea[]; used_of bigint[]; turn integer[]; is_missing boolean;
  digest_of bytea[]; known bigint[];
  n integer; root_id bigint := 0; used bigint := 0; grown bigint := 0; added bigint;
  shard_id bigint := 0; head bigint := 0; first_head bigint := 0; chain bytea; prefix bytea; new_digests bytea[]; new_from integer := 0;
  place bigint; top bigint; fresh integer := 0;
  f_shard bigint[] := '{}'; f_seq bigint[] := '{}'; f_hash bytea[] := '{}'; f_entry integer[] := '{}';
  m_shard bigint[] := '{}'; m_head bigint[] := '{}'; m_hash bytea[] := '{}'; g_root bigint[] := '{}'; g_bytes bigint[] := '{}';
BEGIN
  PERFORM ${store}.begin_write();
  -- Whoever changes anything under a root holds its row, all in the order of their ids: nobody waits for anybody in a circle. Seqs follow the
  -- order of commits, and what is read from here on is what those before have committed.
  PERFORM 1 FROM ${store}.root AS r WHERE r.name = ANY (roots) ORDER BY r.id FOR NO KEY UPDATE;
  LOOP
    SELECT array_agg(coalesce(j.root, 0) ORDER BY j.n), array_agg(coalesce(j.shard, 0) ORDER BY j.n),
      array_agg(coalesce(j.head, 0) ORDER BY j.n), array_agg(j.hash ORDER BY j.n), array_agg(coalesce(j.used, 0) ORDER BY j.n),
      coalesce(array_agg(j.n::integer ORDER BY j.root, j.shard, j.n) FILTER (WHERE j.is_welcome), '{}'),
      bool_or(j.is_welcome AND j.shard IS NULL)
    INTO root_of, shard_of, head_of, hash_of, used_of, turn, is_missing
    FROM (
      SELECT q.n, r.id AS root, r.bytes AS used, h.id AS shard, h.head, h.hash,
        r.floor = q.epoch AND NOT EXISTS (
          SELECT 1 FROM ${ledger}.erasure AS e WHERE e.root = q.root AND e.shard IN ('', q.shard)
        ) AS is_welcome
      FROM unnest(roots, shards, epochs) WITH ORDINALITY AS q (root, shard, epoch, n)
      LEFT JOIN ${store}.root AS r ON r.name = q.root
      LEFT JOIN ${store}.shard AS h ON h.root = r.id AND h.name = q.shard
    ) AS j;
    EXIT WHEN is_missing IS NOT TRUE;
    INSERT INTO ${store}.shard (root, name, hash)
    SELECT DISTINCT root_of[q.n::integer], q.shard, '${NO_HASH}'::bytea
    FROM unnest(shards) WITH ORDINALITY AS q (shard, n)
    WHERE shard_of[q.n::integer] = 0 AND q.n = ANY (turn);
  END LOOP;

  SELECT array_agg(d.digest ORDER BY d.n), array_agg(e.seq ORDER BY d.n) INTO digest_of, known
  FROM (
    SELECT u.n, u.request, sha256(substring(packed FROM u.at FOR u.size)) AS digest
    FROM unnest(ats, sizes, of_request) WITH ORDINALITY AS u (at, size, request, n) OFFSET 0
  ) AS d
  LEFT JOIN ${store}.entry AS e ON int8send(e.shard) || e.digest = int8send(shard_of[d.request]) || d.digest;

  FOREACH n IN ARRAY turn LOOP
    IF root_of[n] <> root_id THEN
      IF grown > 0 THEN g_root := array_append(g_root, root_id); g_bytes := array_append(g_bytes, grown); END IF;
      root_id := root_of[n]; used := used_of[n]; grown := 0;
    END IF;
    IF shard_of[n] <> shard_id THEN
      IF head > first_head THEN
        m_shard := array_append(m_shard, shard_id); m_head := array_append(m_head, head); m_hash := array_append(m_hash, chain);
      END IF;
      shard_id := shard_of[n]; head := head_of[n]; first_head := head; chain := hash_of[n];
      prefix := '${CHAIN_LABEL}'::bytea || convert_to(roots[n], 'UTF8') || shards[n];
      new_digests := '{}'; new_from := fresh;
    END IF;
    o_request := n; o_refusal := NULL; o_floor := NULL; o_certificate := NULL; o_proof := NULL;
    o_seqs := '{}'; o_hash := NULL; o_fresh := '{}'; o_digests := ''; o_hashes := '';

    added := 0;
    FOR i IN firsts[n] .. firsts[n] + counts[n] - 1 LOOP
      IF known[i] IS NULL THEN added := added + sizes[i]; END IF;
    END LOOP;
    IF added > 0 AND used + grown + added > root_bytes THEN
      -- Exactly, then: one that comes twice is kept once.
      SELECT coalesce(sum(d.size), 0) INTO added FROM (
        SELECT DISTINCT ON (digest_of[u.i]) sizes[u.i] AS size
        FROM generate_series(firsts[n], firsts[n] + counts[n] - 1) AS u (i)
        WHERE known[u.i] IS NULL AND digest_of[u.i] <> ALL (new_digests)
      ) AS d;
      IF added > 0 AND used + grown + added > root_bytes THEN
        o_refusal := 'root-full';
        RETURN NEXT;
        CONTINUE;
      END IF;
    END IF;

    top := 0;
    FOR i IN firsts[n] .. firsts[n] + counts[n] - 1 LOOP
      place := known[i];
      IF place IS NULL AND head > first_head THEN
        place := first_head + array_position(new_digests, digest_of[i]);
      END IF;
      IF place IS NULL THEN
        head := head + 1;
        place := head;
        chain := substring(sha256(prefix || CASE
          WHEN head < 128 THEN set_byte('\\x00', 0, head::integer)
          WHEN head < 16384 THEN set_byte(set_byte('\\x0000', 0, ((head & 127) | 128)::integer), 1, (head >> 7)::integer)
          ELSE ${store}.varuint(head) END || chain || digest_of[i]) FROM 1 FOR 16);
        new_digests := array_append(new_digests, digest_of[i]);
        fresh := fresh + 1;
        f_shard := array_append(f_shard, shard_id); f_seq := array_append(f_seq, head);
        f_hash := array_append(f_hash, chain); f_entry := array_append(f_entry, i);
        grown := grown + sizes[i];
        o_fresh := array_append(o_fresh, i - firsts[n]); o_digests := o_digests || digest_of[i]; o_hashes := o_hashes || chain;
      END IF;
      o_seqs := array_append(o_seqs, place);
      top := greatest(top, place);
    END LOOP;
    IF top > first_head THEN
      o_hash := f_hash[new_from + (top - first_head)::integer];
    ELSIF top = first_head THEN
      o_hash := hash_of[n];
    ELSE
      SELECT e.hash INTO o_hash FROM ${store}.entry AS e WHERE e.shard = shard_id AND e.seq = top;
    END IF;
    RETURN NEXT;
  END LOOP;
  IF grown > 0 THEN g_root := array_append(g_root, root_id); g_bytes := array_append(g_bytes, grown); END IF;
  IF head > first_head THEN
    m_shard := array_append(m_shard, shard_id); m_head := array_append(m_head, head); m_hash := array_append(m_hash, chain);
  END IF;

  IF fresh > 0 THEN
    INSERT INTO ${store}.entry (shard, seq, digest, hash, bytes)
    SELECT f.shard, f.seq, digest_of[f.entry], f.hash, substring(packed FROM ats[f.entry] FOR sizes[f.entry])
    FROM unnest(f_shard, f_seq, f_hash, f_entry) AS f (shard, seq, hash, entry);
    UPDATE ${store}.shard AS h SET head = m.head, hash = m.hash
    FROM unnest(m_shard, m_head, m_hash) AS m (shard, head, hash) WHERE h.id = m.shard;
    UPDATE ${store}.root AS r SET bytes = r.bytes + g.bytes
    FROM unnest(g_root, g_bytes) AS g (root, bytes) WHERE r.id = g.root;
  END IF;
  IF cardinality(turn) < cardinality(roots) THEN
    RETURN QUERY
    SELECT q.n::integer, CASE WHEN p.proof IS NULL THEN 'epoch' ELSE 'erased' END, coalesce(r.floor, -1), r.certificate, p.proof,
      NULL::bigint[], NULL::bytea, NULL::integer[], NULL::bytea, NULL::bytea
    FROM unnest(roots, shards) WITH ORDINALITY AS q (root, shard, n)
    LEFT JOIN ${store}.root AS r ON r.name = q.root
    CROSS JOIN LATERAL (SELECT ${store}.proof_against(q.root, q.shard) AS proof) AS p
    WHERE q.n <> ALL (turn);
  END IF;
END $$;
`
