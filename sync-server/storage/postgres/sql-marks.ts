import type { Schemas } from './schema.ts'
import { beginBare, PLANNED, PLANNED_BARE } from './sql-tables.ts'

/** Marks are whole numbers of so many bits: what JavaScript adds and a varuint writes without loss. */
const MARK_BITS = 48
export const MARKS = 2 ** MARK_BITS
const MASK = MARKS - 1

/**
 * Version 2: each row of a room has a mark, the mark of the row before it plus a random number, modulo 2^48. So the place before an appended row is known
 * without another look, and two histories of a room that part have other marks from there on. What version 1 calls stays, and marks too.
 */
export const marks = ({ store }: Schemas): string => `
ALTER TABLE ${store}.room ADD COLUMN mark bigint NOT NULL DEFAULT 0;
ALTER TABLE ${store}.update_row ADD COLUMN mark bigint NOT NULL DEFAULT 0;
ALTER TABLE ${store}.base ADD COLUMN mark bigint NOT NULL DEFAULT 0;
-- Tells one staging from every other, also from those of a history that a copy took back, where ids come again.
ALTER TABLE ${store}.base ADD COLUMN stage bigint NOT NULL DEFAULT 0;

CREATE FUNCTION ${store}.any_mark() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT floor(random() * ${MASK})::bigint + 1 $$;

-- Of a room at a seq: NULL where that is not known, inside the base and beyond the head.
CREATE FUNCTION ${store}.mark_at(r ${store}.room, at bigint) RETURNS bigint STABLE ${PLANNED_BARE} AS $$
BEGIN
  IF at = 0 THEN RETURN 0; END IF;
  IF at = r.head THEN RETURN r.mark; END IF;
  IF at = r.base_upto THEN RETURN (SELECT b.mark FROM ${store}.base AS b WHERE b.id = r.base); END IF;
  RETURN (SELECT x.mark FROM ${store}.update_row AS x WHERE x.room = r.id AND x.seq = at AND x.seq > r.base_upto);
END $$;

-- Of each update: where it begins in packed (from 1), its size, its room. @returns of each its seq, or -1 where the room is full; then of each its mark
CREATE FUNCTION ${store}.append_updates(
  packed bytea, ats integer[], sizes integer[], names bytea[], room_bytes bigint, step bigint
) RETURNS bigint[] ${PLANNED} AS $$
DECLARE
  seqs bigint[] := array_fill(0::bigint, ARRAY[cardinality(names)]);
  marks bigint[] := seqs;
  u record;
  room_id bigint := 0; head bigint; mark bigint; used bigint; fresh bigint := 0; added bigint := 0;
  f_room bigint[] := '{}'; f_seq bigint[] := '{}'; f_mark bigint[] := '{}'; f_update integer[] := '{}';
  m_room bigint[] := '{}'; m_rows bigint[] := '{}'; m_bytes bigint[] := '{}'; m_mark bigint[] := '{}';
BEGIN
  PERFORM ${store}.begin_write();
  INSERT INTO ${store}.room (name)
  SELECT DISTINCT q.name FROM unnest(names) AS q (name)
  WHERE NOT EXISTS (SELECT 1 FROM ${store}.room AS r WHERE r.name = q.name)
  ORDER BY q.name ON CONFLICT (name) DO NOTHING;
  -- All in the order of their ids: nobody waits for anybody in a circle, and seqs follow the order of commits.
  PERFORM 1 FROM ${store}.room AS r WHERE r.name = ANY (names) ORDER BY r.id FOR NO KEY UPDATE;
  FOR u IN
    SELECT q.n::integer AS n, q.size, r.id, r.head, r.mark, r.base_size + r.tail_bytes AS used
    FROM unnest(sizes, names) WITH ORDINALITY AS q (size, name, n) JOIN ${store}.room AS r ON r.name = q.name
    ORDER BY r.id, q.n
  LOOP
    IF u.id <> room_id THEN
      IF fresh > 0 THEN
        m_room := array_append(m_room, room_id); m_rows := array_append(m_rows, fresh);
        m_bytes := array_append(m_bytes, added); m_mark := array_append(m_mark, mark);
      END IF;
      room_id := u.id; head := u.head; mark := u.mark; used := u.used; fresh := 0; added := 0;
    END IF;
    IF used + added + u.size > room_bytes THEN
      seqs[u.n] := -1;
    ELSE
      fresh := fresh + 1; added := added + u.size; mark := (mark + step) & ${MASK};
      seqs[u.n] := head + fresh; marks[u.n] := mark;
      f_room := array_append(f_room, room_id); f_seq := array_append(f_seq, head + fresh);
      f_mark := array_append(f_mark, mark); f_update := array_append(f_update, u.n);
    END IF;
  END LOOP;
  IF fresh > 0 THEN
    m_room := array_append(m_room, room_id); m_rows := array_append(m_rows, fresh);
    m_bytes := array_append(m_bytes, added); m_mark := array_append(m_mark, mark);
  END IF;
  INSERT INTO ${store}.update_row (room, seq, mark, bytes)
  SELECT f.room, f.seq, f.mark, substring(packed FROM ats[f.n] FOR sizes[f.n])
  FROM unnest(f_room, f_seq, f_mark, f_update) AS f (room, seq, mark, n);
  UPDATE ${store}.room AS r
  SET head = r.head + m.fresh, mark = m.mark, tail_rows = r.tail_rows + m.fresh, tail_bytes = r.tail_bytes + m.bytes
  FROM unnest(m_room, m_rows, m_bytes, m_mark) AS m (room, fresh, bytes, mark) WHERE r.id = m.room;
  RETURN seqs || marks;
END $$;

-- One update alone, as a lone writer sends them. @returns as append_updates
CREATE FUNCTION ${store}.append_update(new_bytes bytea, of_name bytea, room_bytes bigint, step bigint) RETURNS bigint[] ${PLANNED_BARE} AS $$
DECLARE
  r record;
BEGIN
${beginBare}
  LOOP
    UPDATE ${store}.room AS x
    SET head = x.head + 1, mark = (x.mark + step) & ${MASK},
      tail_rows = x.tail_rows + 1, tail_bytes = x.tail_bytes + octet_length(new_bytes)
    WHERE x.name = of_name AND x.base_size + x.tail_bytes + octet_length(new_bytes) <= room_bytes
    RETURNING x.id, x.head, x.mark INTO r;
    EXIT WHEN r.id IS NOT NULL;
    IF EXISTS (SELECT 1 FROM ${store}.room AS x WHERE x.name = of_name) THEN RETURN '{-1,0}'; END IF;
    INSERT INTO ${store}.room (name) VALUES (of_name) ON CONFLICT (name) DO NOTHING;
  END LOOP;
  INSERT INTO ${store}.update_row (room, seq, mark, bytes) VALUES (r.id, r.head, r.mark, new_bytes);
  RETURN ARRAY[r.head, r.mark];
END $$;

-- STABLE: a base that is adopted meanwhile takes no row from under the reader. One row of seq -1: the mark at after is another than the one known.
CREATE FUNCTION ${store}.read_rows(of_name bytea, after bigint, max_bytes bigint, known bigint)
RETURNS TABLE (o_seq bigint, o_mark bigint, o_bytes bytea) STABLE ${PLANNED} AS $$
DECLARE
  r ${store}.room;
  u record;
  total bigint := 0;
BEGIN
  SELECT x.* INTO r FROM ${store}.room AS x WHERE x.name = of_name;
  IF known IS NOT NULL AND after >= coalesce(r.base_upto, 0) AND ${store}.mark_at(r, after) IS DISTINCT FROM known THEN
    o_seq := -1;
    RETURN NEXT;
    RETURN;
  END IF;
  FOR u IN
    SELECT x.seq, x.mark, x.bytes FROM ${store}.update_row AS x
    WHERE x.room = r.id AND x.seq > greatest(after, r.base_upto) ORDER BY x.seq
  LOOP
    total := total + octet_length(u.bytes);
    EXIT WHEN total > max_bytes AND total > octet_length(u.bytes);
    o_seq := u.seq; o_mark := u.mark; o_bytes := u.bytes;
    RETURN NEXT;
  END LOOP;
END $$;

-- Begins a base whose parts come next; what was staged before goes. known: the mark at its end as who made it read it. @returns its id, or 0 = cas, -1 = room-full
CREATE FUNCTION ${store}.begin_stage(
  of_name bytea, new_upto bigint, new_size bigint, new_vector bytea, new_deletes bytea, room_bytes bigint, known bigint, new_stage bigint
) RETURNS bigint ${PLANNED} AS $$
DECLARE
  r ${store}.room;
  replaced bigint;
  new_mark bigint;
  new_id bigint;
BEGIN
  PERFORM ${store}.begin_write();
  SELECT x.* INTO r FROM ${store}.room AS x WHERE x.name = of_name FOR NO KEY UPDATE;
  IF r.id IS NULL OR new_upto > r.head OR new_upto <= r.base_upto THEN RETURN 0; END IF;
  new_mark := ${store}.mark_at(r, new_upto);
  IF known <> new_mark THEN RETURN 0; END IF;
  SELECT coalesce(sum(octet_length(x.bytes)), 0) + r.base_size INTO replaced
  FROM ${store}.update_row AS x WHERE x.room = r.id AND x.seq > r.base_upto AND x.seq <= new_upto;
  -- A base that makes room is welcome in a full room too.
  IF new_size > replaced AND r.base_size + r.tail_bytes + new_size - replaced > room_bytes THEN RETURN -1; END IF;
  IF r.staged > 0 THEN
    INSERT INTO ${store}.trash (kind, ref) VALUES ('base', r.staged);
  END IF;
  INSERT INTO ${store}.base AS b (room, upto, mark, stage, size, state_vector, deletes)
  VALUES (r.id, new_upto, new_mark, new_stage, new_size, new_vector, new_deletes) RETURNING b.id INTO new_id;
  UPDATE ${store}.room AS x SET staged = new_id WHERE x.id = r.id;
  RETURN new_id;
END $$;

CREATE FUNCTION ${store}.adopt_stage(of_name bytea, expected bigint, of_stage bigint) RETURNS boolean ${PLANNED} AS $$
DECLARE
  new_upto bigint;
BEGIN
  PERFORM ${store}.begin_write();
  -- Held before it is looked at: nobody stages another in between.
  PERFORM 1 FROM ${store}.room AS r WHERE r.name = of_name FOR NO KEY UPDATE;
  SELECT b.upto INTO new_upto FROM ${store}.room AS r JOIN ${store}.base AS b ON b.id = r.staged
  WHERE r.name = of_name AND b.stage = of_stage;
  RETURN new_upto IS NOT NULL AND ${store}.adopt_base(of_name, expected, new_upto);
END $$;

-- For relays of version 1: what they append and stage is marked as well.
CREATE OR REPLACE FUNCTION ${store}.append_updates(packed bytea, ats integer[], sizes integer[], names bytea[], room_bytes bigint)
RETURNS bigint[] ${PLANNED} AS $$
BEGIN
  RETURN (${store}.append_updates(packed, ats, sizes, names, room_bytes, ${store}.any_mark()))[1:cardinality(names)];
END $$;

CREATE OR REPLACE FUNCTION ${store}.append_update(new_bytes bytea, of_name bytea, room_bytes bigint) RETURNS bigint ${PLANNED_BARE} AS $$
BEGIN
  RETURN (${store}.append_update(new_bytes, of_name, room_bytes, ${store}.any_mark()))[1];
END $$;

CREATE OR REPLACE FUNCTION ${store}.begin_stage(
  of_name bytea, new_upto bigint, new_size bigint, new_vector bytea, new_deletes bytea, room_bytes bigint
) RETURNS bigint ${PLANNED} AS $$
BEGIN
  RETURN ${store}.begin_stage(of_name, new_upto, new_size, new_vector, new_deletes, room_bytes, NULL, ${store}.any_mark());
END $$;
`
