import type { Schemas } from './schema.ts'
import { beginBare, PLANNED, PLANNED_BARE } from './sql-tables.ts'

/** Open rooms, and the trash of both. */
export const roomFunctions = ({ store }: Schemas): string => `
-- Of each update: where it begins in packed (from 1), its size, its room. @returns a seq each, or -1 where the room is full
CREATE FUNCTION ${store}.append_updates(packed bytea, ats integer[], sizes integer[], names bytea[], room_bytes bigint)
RETURNS bigint[] ${PLANNED} AS $$
DECLARE
  seqs bigint[] := array_fill(0::bigint, ARRAY[cardinality(names)]);
  u record;
  room_id bigint := 0; head bigint; used bigint; fresh bigint := 0; added bigint := 0;
  f_room bigint[] := '{}'; f_seq bigint[] := '{}'; f_update integer[] := '{}';
  m_room bigint[] := '{}'; m_rows bigint[] := '{}'; m_bytes bigint[] := '{}';
BEGIN
  PERFORM ${store}.begin_write();
  INSERT INTO ${store}.room (name)
  SELECT DISTINCT q.name FROM unnest(names) AS q (name)
  WHERE NOT EXISTS (SELECT 1 FROM ${store}.room AS r WHERE r.name = q.name)
  ORDER BY q.name ON CONFLICT (name) DO NOTHING;
  -- All in the order of their ids: nobody waits for anybody in a circle, and seqs follow the order of commits.
  PERFORM 1 FROM ${store}.room AS r WHERE r.name = ANY (names) ORDER BY r.id FOR NO KEY UPDATE;
  FOR u IN
    SELECT q.n::integer AS n, q.size, r.id, r.head, r.base_size + r.tail_bytes AS used
    FROM unnest(sizes, names) WITH ORDINALITY AS q (size, name, n) JOIN ${store}.room AS r ON r.name = q.name
    ORDER BY r.id, q.n
  LOOP
    IF u.id <> room_id THEN
      IF fresh > 0 THEN
        m_room := array_append(m_room, room_id); m_rows := array_append(m_rows, fresh); m_bytes := array_append(m_bytes, added);
      END IF;
      room_id := u.id; head := u.head; used := u.used; fresh := 0; added := 0;
    END IF;
    IF used + added + u.size > room_bytes THEN
      seqs[u.n] := -1;
    ELSE
      fresh := fresh + 1; added := added + u.size;
      seqs[u.n] := head + fresh;
      f_room := array_append(f_room, room_id); f_seq := array_append(f_seq, head + fresh); f_update := array_append(f_update, u.n);
    END IF;
  END LOOP;
  IF fresh > 0 THEN
    m_room := array_append(m_room, room_id); m_rows := array_append(m_rows, fresh); m_bytes := array_append(m_bytes, added);
  END IF;
  INSERT INTO ${store}.update_row (room, seq, bytes)
  SELECT f.room, f.seq, substring(packed FROM ats[f.n] FOR sizes[f.n]) FROM unnest(f_room, f_seq, f_update) AS f (room, seq, n);
  UPDATE ${store}.room AS r SET head = r.head + m.fresh, tail_rows = r.tail_rows + m.fresh, tail_bytes = r.tail_bytes + m.bytes
  FROM unnest(m_room, m_rows, m_bytes) AS m (room, fresh, bytes) WHERE r.id = m.room;
  RETURN seqs;
END $$;

-- One update alone, as a lone writer sends them.
CREATE FUNCTION ${store}.append_update(new_bytes bytea, of_name bytea, room_bytes bigint) RETURNS bigint ${PLANNED_BARE} AS $$
DECLARE
  r record;
BEGIN
${beginBare}
  LOOP
    UPDATE ${store}.room AS x
    SET head = x.head + 1, tail_rows = x.tail_rows + 1, tail_bytes = x.tail_bytes + octet_length(new_bytes)
    WHERE x.name = of_name AND x.base_size + x.tail_bytes + octet_length(new_bytes) <= room_bytes
    RETURNING x.id, x.head INTO r;
    EXIT WHEN r.id IS NOT NULL;
    IF EXISTS (SELECT 1 FROM ${store}.room AS x WHERE x.name = of_name) THEN RETURN -1; END IF;
    INSERT INTO ${store}.room (name) VALUES (of_name) ON CONFLICT (name) DO NOTHING;
  END LOOP;
  INSERT INTO ${store}.update_row (room, seq, bytes) VALUES (r.id, r.head, new_bytes);
  RETURN r.head;
END $$;

-- STABLE: a base that is adopted meanwhile takes no row from under the reader.
CREATE FUNCTION ${store}.read_rows(of_name bytea, after bigint, max_bytes bigint)
RETURNS TABLE (o_seq bigint, o_bytes bytea) STABLE ${PLANNED} AS $$
DECLARE
  u record;
  total bigint := 0;
BEGIN
  FOR u IN
    SELECT x.seq, x.bytes FROM ${store}.room AS r JOIN ${store}.update_row AS x ON x.room = r.id
    WHERE r.name = of_name AND x.seq > greatest(after, r.base_upto) ORDER BY x.seq
  LOOP
    total := total + octet_length(u.bytes);
    EXIT WHEN total > max_bytes AND total > octet_length(u.bytes);
    o_seq := u.seq; o_bytes := u.bytes;
    RETURN NEXT;
  END LOOP;
END $$;

-- Begins a base whose parts come next; what was staged before goes. @returns its id, or 0 = cas, -1 = room-full
CREATE FUNCTION ${store}.begin_stage(
  of_name bytea, new_upto bigint, new_size bigint, new_vector bytea, new_deletes bytea, room_bytes bigint
) RETURNS bigint ${PLANNED} AS $$
DECLARE
  r ${store}.room;
  replaced bigint;
  new_id bigint;
BEGIN
  PERFORM ${store}.begin_write();
  SELECT x.* INTO r FROM ${store}.room AS x WHERE x.name = of_name FOR NO KEY UPDATE;
  IF r.id IS NULL OR new_upto > r.head OR new_upto <= r.base_upto THEN RETURN 0; END IF;
  SELECT coalesce(sum(octet_length(x.bytes)), 0) + r.base_size INTO replaced
  FROM ${store}.update_row AS x WHERE x.room = r.id AND x.seq > r.base_upto AND x.seq <= new_upto;
  -- A base that makes room is welcome in a full room too.
  IF new_size > replaced AND r.base_size + r.tail_bytes + new_size - replaced > room_bytes THEN RETURN -1; END IF;
  IF r.staged > 0 THEN
    INSERT INTO ${store}.trash (kind, ref) VALUES ('base', r.staged);
  END IF;
  INSERT INTO ${store}.base AS b (room, upto, size, state_vector, deletes)
  VALUES (r.id, new_upto, new_size, new_vector, new_deletes) RETURNING b.id INTO new_id;
  UPDATE ${store}.room AS x SET staged = new_id WHERE x.id = r.id;
  RETURN new_id;
END $$;

-- All parts are there. @returns false where another base is being staged by now
CREATE FUNCTION ${store}.end_stage(of_base bigint) RETURNS boolean ${PLANNED} AS $$
DECLARE
  room_id bigint;
BEGIN
  PERFORM ${store}.begin_write();
  SELECT b.room INTO room_id FROM ${store}.base AS b WHERE b.id = of_base;
  PERFORM 1 FROM ${store}.room AS r WHERE r.id = room_id FOR NO KEY UPDATE;
  UPDATE ${store}.base AS b SET is_whole = true
  WHERE b.id = of_base AND EXISTS (SELECT 1 FROM ${store}.room AS r WHERE r.id = room_id AND r.staged = of_base);
  RETURN FOUND;
END $$;

-- Gives up a base that cannot be finished.
CREATE FUNCTION ${store}.drop_stage(of_base bigint) RETURNS void ${PLANNED} AS $$
BEGIN
  PERFORM ${store}.begin_write();
  UPDATE ${store}.room AS r SET staged = 0
  FROM ${store}.base AS b WHERE b.id = of_base AND r.id = b.room AND r.staged = of_base;
  IF FOUND THEN
    INSERT INTO ${store}.trash (kind, ref) VALUES ('base', of_base);
  END IF;
END $$;

CREATE FUNCTION ${store}.adopt_base(of_name bytea, expected bigint, new_upto bigint) RETURNS boolean ${PLANNED} AS $$
DECLARE
  r ${store}.room;
  b ${store}.base;
  gone_rows bigint;
  gone_bytes bigint;
BEGIN
  PERFORM ${store}.begin_write();
  SELECT x.* INTO r FROM ${store}.room AS x WHERE x.name = of_name FOR NO KEY UPDATE;
  SELECT x.* INTO b FROM ${store}.base AS x WHERE x.id = r.staged;
  IF b.id IS NULL OR r.base_upto <> expected OR NOT b.is_whole OR b.upto <> new_upto THEN RETURN false; END IF;
  SELECT count(*), coalesce(sum(octet_length(x.bytes)), 0) INTO gone_rows, gone_bytes
  FROM ${store}.update_row AS x WHERE x.room = r.id AND x.seq > r.base_upto AND x.seq <= new_upto;
  INSERT INTO ${store}.trash (kind, ref, upto) VALUES ('rows', r.id, new_upto);
  IF r.base > 0 THEN
    INSERT INTO ${store}.trash (kind, ref) VALUES ('base', r.base);
  END IF;
  UPDATE ${store}.base AS x SET is_adopted = true WHERE x.id = b.id;
  UPDATE ${store}.room AS x SET staged = 0, base = b.id, base_upto = new_upto, base_size = b.size,
    tail_rows = x.tail_rows - gone_rows, tail_bytes = x.tail_bytes - gone_bytes
  WHERE x.id = r.id;
  RETURN true;
END $$;

-- What was begun and left: whoever did is gone.
CREATE FUNCTION ${store}.abandon(older_than interval) RETURNS void ${PLANNED} AS $$
BEGIN
  DELETE FROM ${store}.snapshot AS x WHERE NOT x.is_kept AND x.begun < now() - older_than;
  -- Rooms in the order of their ids, as who appends holds them.
  PERFORM ${store}.drop_stage(b.id) FROM (
    SELECT x.id FROM ${store}.base AS x WHERE NOT x.is_adopted AND x.begun < now() - older_than ORDER BY x.room, x.id OFFSET 0
  ) AS b;
END $$;

-- Deletes some of what the trash names, one relay at a time. @returns whether anything is left
CREATE FUNCTION ${store}.sweep_some(max_rows integer, max_parts integer) RETURNS boolean ${PLANNED} AS $$
DECLARE
  t ${store}.trash;
  gone bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('${store} sweep', 2));
  SELECT x.* INTO t FROM ${store}.trash AS x ORDER BY x.id LIMIT 1;
  IF t.id IS NULL THEN RETURN false; END IF;
  gone := 0;
  IF t.kind = 'rows' THEN
    DELETE FROM ${store}.update_row AS x
    WHERE x.room = t.ref AND x.seq <= least(t.upto, max_rows + (SELECT min(y.seq) FROM ${store}.update_row AS y WHERE y.room = t.ref));
    GET DIAGNOSTICS gone = ROW_COUNT;
  ELSIF t.kind = 'base' THEN
    DELETE FROM ${store}.base_part AS x
    WHERE x.base = t.ref AND x.part < max_parts + (SELECT min(y.part) FROM ${store}.base_part AS y WHERE y.base = t.ref);
    GET DIAGNOSTICS gone = ROW_COUNT;
    IF gone = 0 THEN DELETE FROM ${store}.base AS x WHERE x.id = t.ref; END IF;
  ELSIF t.kind = 'snapshot' THEN
    DELETE FROM ${store}.snapshot_part AS x
    WHERE x.snapshot = t.ref AND x.part < max_parts + (SELECT min(y.part) FROM ${store}.snapshot_part AS y WHERE y.snapshot = t.ref);
    GET DIAGNOSTICS gone = ROW_COUNT;
    IF gone = 0 THEN DELETE FROM ${store}.snapshot AS x WHERE x.id = t.ref; END IF;
  ELSE
    INSERT INTO ${store}.trash (kind, ref) SELECT 'snapshot', x.id FROM ${store}.snapshot AS x WHERE x.shard = t.ref AND NOT EXISTS (
      SELECT 1 FROM ${store}.trash AS y WHERE y.kind = 'snapshot' AND y.ref = x.id
    );
    DELETE FROM ${store}.entry AS x
    WHERE x.shard = t.ref AND x.seq <= max_rows + (SELECT min(y.seq) FROM ${store}.entry AS y WHERE y.shard = t.ref);
    GET DIAGNOSTICS gone = ROW_COUNT;
  END IF;
  IF gone = 0 THEN DELETE FROM ${store}.trash AS x WHERE x.id = t.id; END IF;
  RETURN true;
END $$;
`
