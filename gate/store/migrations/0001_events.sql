-- The log. Rows are only ever added; `hash` chains them in the order of `sequence`.
CREATE TABLE events (
    sequence     INTEGER PRIMARY KEY,
    received_at  INTEGER NOT NULL,          -- microseconds since 1970, UTC, of this store's clock
    flags        INTEGER NOT NULL,          -- 1: the clock stood before the latest entry
    segment      TEXT NOT NULL CHECK (segment IN ('records', 'journal', 'keeping')),
    kind         TEXT NOT NULL,
    record_id    TEXT NOT NULL,             -- in the journal: the passage
    version      INTEGER NOT NULL,
    source       TEXT NOT NULL,             -- the agency, or the gate
    person_ref   BLOB,                      -- HMAC of the person id
    document_ref BLOB,                      -- HMAC of issuing state and document number
    key_id       INTEGER NOT NULL,
    signature    BLOB NOT NULL,
    nonce        BLOB NOT NULL,
    ciphertext   BLOB NOT NULL,
    hash         BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX one_version ON events (record_id, kind, version) WHERE segment = 'records';
CREATE INDEX events_of_person ON events (person_ref, sequence) WHERE person_ref IS NOT NULL;
CREATE INDEX events_of_everybody ON events (sequence)
    WHERE segment = 'records' AND person_ref IS NULL;
CREATE INDEX events_of_passage ON events (record_id, sequence) WHERE segment = 'journal';
CREATE UNIQUE INDEX one_opening ON events (record_id) WHERE kind = 'passage_opened';
CREATE UNIQUE INDEX one_exit_decision ON events (record_id) WHERE kind = 'exit_decision';
CREATE UNIQUE INDEX one_outcome ON events (record_id) WHERE kind = 'passage_closed';

CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_are_never_removed BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;

-- The end of the chain, moved in the transaction that adds to it.
CREATE TABLE head (
    id                 INTEGER PRIMARY KEY CHECK (id = 1),
    sequence           INTEGER NOT NULL,
    hash               BLOB NOT NULL,
    latest_at          INTEGER NOT NULL,
    reference_sequence INTEGER NOT NULL,    -- last record that concerns everybody
    synced_at          INTEGER,
    boot               INTEGER NOT NULL
) STRICT;
INSERT INTO head VALUES (1, 0, zeroblob(32), 0, 0, NULL, 0);

-- Data keys, wrapped by the site's master key; `wrapped` is NULL once destroyed.
CREATE TABLE keys (
    key_id       INTEGER PRIMARY KEY,
    scope        BLOB NOT NULL,
    wrapped      BLOB,
    destroyed_at INTEGER
) STRICT;
CREATE INDEX keys_of_scope ON keys (scope, key_id);

CREATE TABLE site (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

-- Projections: everything below can be made again from `events`.
CREATE TABLE persons (
    person_key INTEGER PRIMARY KEY,
    person_ref BLOB NOT NULL UNIQUE,
    sequence   INTEGER NOT NULL,            -- of the last event about this person
    key_id     INTEGER NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('live', 'erased', 'lost')),
    nonce      BLOB,
    view       BLOB                         -- NULL unless live
) STRICT;

CREATE TABLE passports (
    document_ref BLOB PRIMARY KEY,
    person_ref   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX passports_of_person ON passports (person_ref);

CREATE TABLE passages (
    passage      TEXT PRIMARY KEY,
    document_ref BLOB,
    opened       INTEGER NOT NULL,
    exit         INTEGER,                   -- sequence of the exit decision or officer's admit
    confirmed    INTEGER,                   -- sequence of what settled that the traveller left
    closed       INTEGER,
    outcome      TEXT CHECK (outcome IN ('admit', 'refer', 'abandoned', 'evacuated', 'interrupted'))
) STRICT, WITHOUT ROWID;
CREATE INDEX passages_open ON passages (passage) WHERE outcome IS NULL;
CREATE INDEX passages_unconfirmed ON passages (passage) WHERE exit IS NOT NULL AND confirmed IS NULL;
